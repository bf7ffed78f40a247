import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleaseHandle } from '../../src/client';
import type { EffectId } from '../../src/hosts/effects';
import type { Outcome } from '../../src/model/status';
import { untilWaiting } from '../e2e/progress';
import { type MemoryRuntime, memoryRuntime } from '../fakes/memory-runtime';
import { composeLabels, runs } from '../fakes/running';
import { image, type Version } from './host';
import type { Stage } from './stage';

/** A release in which workers die, and all that leads to it. */
export interface Scene {
  title: string;
  /** In place of the fake engine. */
  runtime?(): MemoryRuntime;
  /** Brings the host to where it begins. */
  prepare(stage: Stage): Promise<void>;
  begin(stage: Stage): Promise<ReleaseHandle>;
  outcome: Outcome;
  /** Versions of the instances at the end. */
  running: Version[];
  /** Number of instances in traffic at every effect; for Compose's containers, the number behind Belay's proxy. */
  serving: number;
  /** The one file of the service's folder. */
  data?: string;
  /** Commands of the jobs that ran, each once. */
  jobs?: string[];
  /** Texts of configuration files at the end. */
  files?: Record<string, string>;
  /** A worker dies before and after each of them. */
  forward?: EffectId[];
  undo?: EffectId[];
}

const instances = 2;
const edge = { kind: 'haproxy', socket: '/nowhere.sock', config: '/nowhere.cfg' };
const managed = (number: number) => ({ kind: 'haproxy', managed: true, image: `haproxy:${number}` });
const rolling = { kind: 'rolling', surge: 2 };

interface Written {
  service?: object;
  proxy?: object;
  spec?: object;
}

const write = ({ host }: Stage, { service, proxy = edge, spec }: Written = {}): void =>
  host.write('belay.yaml', {
    platform: 'shop',
    // A range of their own: these ports are asked of the machine, beside other tests.
    hosts: { local: { ports: '27000-27199' } },
    proxies: { edge: proxy },
    services: {
      api: {
        image: image('1'),
        instances,
        routes: [{ proxy: 'edge', backend: 'api', port: 8080 }],
        health: { ready: { http: '/ready', port: 8080, every: '10ms', healthy: 1, within: '10s' } },
        validate: [{ name: 'smoke', http: '/smoke', port: 8080 }],
        stop: { grace: '5s' },
        keep: 1,
        ...service,
      },
    },
    ...spec,
  });

/** Each of these versions was released, as the service is written. */
const released =
  (written: Written, ...versions: Version[]) =>
  async (stage: Stage): Promise<void> => {
    write(stage, written);
    for (const api of versions)
      expect(await stage.release({ versions: { api } })).toMatchObject({ outcome: 'released' });
  };

/** The next one, with the spec as it is written. */
const releaseOf =
  (api: Version, written?: Written) =>
  async ({ belay, where, ...stage }: Stage): Promise<ReleaseHandle> => {
    if (written) write({ belay, where, ...stage }, written);
    return await belay.release({ ...where, versions: { api } });
  };

const quick = { service: { strategy: rolling } };
const impatient = { service: { strategy: rolling, stop: { grace: '50ms' } } };
const steady = { service: { strategy: rolling, routes: [{ proxy: 'edge', backend: 'steady', port: 8080 }] } };
const migrated = {
  service: {
    jobs: [
      { name: 'expand', command: ['migrate', 'up'], undo: ['migrate', 'down'], pending: ['migrate', 'status'] },
      { name: 'contract', when: 'after', command: ['migrate', 'contract'] },
    ],
  },
};
const configured = { ...quick, spec: { config: { '.env': { from: '.env.example' } } } };
const former = { '.env': 'POOL=5\n', '.env.base': 'POOL=\n' };
const example = 'POOL=\nSIZE=7\n';
const configWritten = { '.env': 'POOL=5\nSIZE=7\n', '.env.base': example };

/** A version was released, and the next one has another example. */
const withExample = async (stage: Stage): Promise<void> => {
  for (const [name, text] of Object.entries(former)) stage.host.write(name, text);
  await released({}, '1')(stage);
  stage.host.write('.env.example', example);
};

/** The platform's own files, before any change: they need no engine. */
const backedUp = ({ host: { home } }: Stage) => ({
  service: {
    strategy: rolling,
    backup: [{ folder: { path: join(home, 'specs') }, before: ['configure'], keep: 1, verify: {} }],
  },
  spec: { backups: { folder: join(home, 'backups') } },
});
/** The shutdown of each new version is tested first. */
const drilled = { service: { strategy: rolling, drill: { when: 'before', settle: '10ms', wait: '1s' } } };
const pair = {
  service: { strategy: { kind: 'blue-green' }, routes: [{ proxy: 'edge', backend: 'pair', port: 8080 }] },
};
const canary = (approve: boolean) => ({ service: { strategy: { kind: 'canary', steps: [{ weight: 20, approve }] } } });
const fronted = (number: number, service: object = {}) => ({
  proxy: managed(number),
  service: { strategy: rolling, routes: [{ proxy: 'edge', port: 8080 }], ...service },
});

/** Each instance has a place, in which the next one starts: units of systemd. The last of them is tested too. */
const placed = {
  service: {
    image: undefined,
    runtime: 'systemd',
    template: 'api@.service',
    ports: [9001, 9002],
    artifact: { file: image('1'), install: '/opt/api' },
    strategy: { kind: 'in-place' },
  },
};
const places = () => memoryRuntime({ hostPorts: placed.service.ports, arePlaces: true });

/** Compose has started a container that publishes a port, which a proxy is to have. */
const composed = async (stage: Stage): Promise<void> => {
  const { host } = stage;
  const services = { api: { image: image('1'), ports: ['127.0.0.1:8080:8080'] } };
  host.write('compose.yaml', { name: 'shop', services });
  write(stage, { ...fronted(1), spec: { compose: 'compose.yaml' } });
  await runs(host.runtime, { name: 'shop-api-1', image: image('1'), labels: composeLabels(), ports: { 8080: 8080 } });
};

/** The service has a backup of its folder with one file, and another file in it since. */
const changedSince =
  (there: string, since: string) =>
  async (stage: Stage): Promise<void> => {
    const { host, belay, where } = stage;
    const service = {
      backup: [{ folder: { path: host.data } }],
      health: { ready: { http: '/ready', port: 8080, every: '10ms', healthy: 1, timeout: '100ms', within: '300ms' } },
    };
    await released({ service, spec: { backups: { folder: join(host.home, 'backups') } } }, '1')(stage);
    writeFileSync(join(host.data, there), 'data');
    expect((await (await belay.backup(where)).result()).outcome).toBe('backed-up');
    renameSync(join(host.data, there), join(host.data, since));
  };

const restoreOf =
  (request: object = {}) =>
  ({ belay, where }: Stage): Promise<ReleaseHandle> =>
    belay.restore({ ...where, ...request, confirm: 'shop' });

const restored =
  (there: string, since: string) =>
  async (stage: Stage): Promise<void> => {
    await changedSince(there, since)(stage);
    expect((await (await restoreOf()(stage)).result()).outcome).toBe('restored');
  };

export const scenes: Scene[] = [
  {
    title: 'a restore',
    prepare: restored('old', 'new'),
    begin: restoreOf(),
    outcome: 'restored',
    running: ['1', '1'],
    serving: 0,
    data: 'old',
    forward: [
      'claim.fence',
      'restore.prepare',
      'drain.remove',
      'retire.signal',
      'restore.commit',
      'launch.start',
      'swap.admit',
      'restore.forget',
      'record.release',
    ],
  },
  {
    title: 'a restore after which the service does not become ready',
    prepare: changedSince('bad', 'new'),
    begin: restoreOf(),
    outcome: 'failed',
    running: ['1', '1'],
    serving: 0,
    data: 'new',
    undo: ['retire.signal', 'restore.undo', 'launch.start', 'swap.admit', 'restore.discard', 'record.release'],
  },
  {
    title: 'a restore is undone',
    prepare: restored('old', 'new'),
    begin: restoreOf({ undo: true }),
    outcome: 'restored',
    running: ['1', '1'],
    serving: 0,
    data: 'new',
    forward: ['restore.undo', 'launch.start'],
  },
  {
    title: 'an undo after which the service does not become ready',
    prepare: restored('old', 'bad'),
    begin: restoreOf({ undo: true }),
    outcome: 'failed',
    running: ['1', '1'],
    serving: 0,
    data: 'old',
    undo: ['restore.commit', 'launch.start'],
  },
  {
    title: 'a release',
    prepare: released(quick, '1', '2'),
    begin: releaseOf('1'),
    outcome: 'released',
    running: ['1', '1'],
    serving: instances,
    forward: [
      'claim.fence',
      'claim.revision',
      'pull.image',
      'configure.resources',
      'configure.write',
      'launch.create',
      'launch.start',
      'launch.stage',
      'swap.admit',
      'swap.drain',
      'drain.begin',
      'drain.remove',
      'retire.signal',
      'retire.record',
      'retire.remove',
      'record.revision',
      'record.head',
      'record.release',
      'cleanup.image',
      'cleanup.revision',
    ],
  },
  {
    title: 'a release that fails',
    prepare: released({}, '1', '2'),
    begin: releaseOf('latebad'),
    outcome: 'failed',
    running: ['2', '2'],
    serving: instances,
    undo: [
      'claim.fence',
      'launch.create',
      'launch.start',
      'launch.stage',
      'swap.stage',
      'swap.admit',
      'swap.drain',
      'drain.begin',
      'drain.remove',
      'retire.signal',
      'retire.record',
      'retire.remove',
      'record.revision',
      'record.head',
      'record.release',
      'configure.remove',
    ],
  },
  {
    title: 'a release with jobs',
    prepare: released({}, '1'),
    begin: releaseOf('2', migrated),
    outcome: 'released',
    running: ['2', '2'],
    serving: instances,
    jobs: ['migrate status', 'migrate up', 'migrate contract'],
    forward: ['job.create', 'job.begin', 'job.start', 'job.record', 'job.remove'],
  },
  {
    title: 'a release with jobs that fails',
    prepare: released({}, '1'),
    begin: releaseOf('latebad', migrated),
    outcome: 'failed',
    running: ['1', '1'],
    serving: instances,
    jobs: ['migrate status', 'migrate up', 'migrate down'],
    undo: ['job.create', 'job.begin', 'job.start', 'job.record', 'job.remove'],
  },
  {
    title: 'a release that writes a configuration file',
    prepare: withExample,
    begin: releaseOf('2', configured),
    outcome: 'released',
    running: ['2', '2'],
    serving: instances,
    files: configWritten,
    forward: ['config.write'],
  },
  {
    title: 'a release that writes a configuration file and fails',
    prepare: withExample,
    begin: releaseOf('latebad', configured),
    outcome: 'failed',
    running: ['1', '1'],
    serving: instances,
    files: former,
    undo: ['config.restore'],
  },
  {
    title: 'a rollback that puts a configuration file back',
    prepare: async (stage) => {
      await withExample(stage);
      const written = await (await releaseOf('2', configured)(stage)).result();
      expect(written.outcome).toBe('released');
      expect(stage.host.read()).toMatchObject(configWritten);
    },
    begin: ({ belay, where }) => belay.rollback(where),
    outcome: 'reverted',
    running: ['1', '1'],
    serving: instances,
    files: former,
    forward: ['config.restore'],
  },
  {
    title: 'a release with a backup',
    prepare: (stage) => released(backedUp(stage), '1', '2')(stage),
    begin: releaseOf('1'),
    outcome: 'released',
    running: ['1', '1'],
    serving: instances,
    forward: ['backup.make', 'backup.expire', 'backup.verify'],
  },
  {
    title: 'a release with a drill',
    prepare: released(drilled, '1'),
    begin: releaseOf('2'),
    outcome: 'released',
    running: ['2', '2'],
    serving: instances,
    forward: ['drill.run', 'drill.keep'],
  },
  {
    title: 'a release that fails after its drill',
    prepare: released(drilled, '1'),
    begin: releaseOf('bad'),
    outcome: 'failed',
    running: ['1', '1'],
    serving: instances,
    undo: ['drill.remove'],
  },
  {
    title: 'a release that has to kill',
    prepare: released(impatient, 'slow'),
    begin: releaseOf('1'),
    outcome: 'released',
    running: ['1', '1'],
    serving: instances,
    forward: ['retire.kill'],
  },
  {
    title: 'a release that fails and has to kill',
    prepare: released(impatient, '1'),
    begin: releaseOf('slowbad'),
    outcome: 'failed',
    running: ['1', '1'],
    serving: instances,
    undo: ['retire.kill'],
  },
  {
    title: 'a rollback',
    prepare: released(quick, '1', '2'),
    begin: ({ belay, where }) => belay.rollback(where),
    outcome: 'reverted',
    running: ['1', '1'],
    serving: instances,
    forward: ['claim.revision', 'pull.image', 'configure.write', 'launch.create', 'record.head'],
  },
  {
    title: 'a release whose clients stay with an instance',
    prepare: released(steady, '1'),
    begin: releaseOf('2'),
    outcome: 'released',
    running: ['2', '2'],
    serving: instances,
    forward: ['swap.stage'],
  },
  {
    title: 'a release in place',
    runtime: places,
    prepare: released(placed, '1', '2'),
    begin: releaseOf('1'),
    outcome: 'released',
    running: ['1', '1'],
    serving: instances - 1,
    forward: [
      'pull.image',
      'configure.write',
      'launch.create',
      'launch.start',
      'launch.stage',
      'swap.admit',
      'swap.drain',
      'drain.remove',
      'retire.remove',
      'record.head',
      'cleanup.image',
    ],
  },
  {
    title: 'a release in place that fails',
    runtime: places,
    prepare: released(placed, '1', '2'),
    begin: releaseOf('bad'),
    outcome: 'failed',
    running: ['2', '2'],
    serving: instances - 1,
    undo: ['launch.create', 'launch.start', 'swap.admit', 'retire.remove', 'configure.remove', 'record.head'],
  },
  {
    title: 'a canary',
    prepare: released(canary(false), '1'),
    begin: releaseOf('2'),
    outcome: 'released',
    running: ['2', '2'],
    serving: instances,
    forward: ['weigh.share', 'swap.weigh'],
  },
  {
    title: 'a canary that is rejected',
    prepare: released(canary(false), '1'),
    async begin(stage) {
      const release = await releaseOf('2', canary(true))(stage);
      await untilWaiting(release, 'approval');
      await release.say('reject', { by: 'ana' });
      return release;
    },
    outcome: 'rejected',
    running: ['1', '1'],
    serving: instances,
    undo: ['weigh.share'],
  },
  {
    title: 'a switch',
    prepare: released(pair, '1'),
    begin: releaseOf('2'),
    outcome: 'released',
    running: ['2', '2'],
    serving: instances,
    forward: ['switch.choose'],
  },
  {
    title: 'a switch that fails',
    prepare: released(pair, '1'),
    begin: releaseOf('bad'),
    outcome: 'failed',
    running: ['1', '1'],
    serving: instances,
    undo: ['switch.choose'],
  },
  {
    title: 'a warm set is retired',
    prepare: released(pair, '1'),
    async begin(stage) {
      const strategy = { kind: 'blue-green', warm: '100ms' };
      const release = await releaseOf('2', { service: { ...pair.service, strategy } })(stage);
      expect(await release.result()).toMatchObject({ outcome: 'released' });
      return stage.belay.get(`retire/shop/api-r2@${stage.where.host}`);
    },
    outcome: 'retired',
    running: ['2', '2'],
    serving: instances,
    forward: ['retire.remove'],
  },
  {
    title: 'a proxy is upgraded',
    prepare: released(fronted(1), '1'),
    begin: releaseOf('2', fronted(2)),
    outcome: 'released',
    running: ['2', '2'],
    serving: instances,
    forward: ['proxy.image', 'proxy.ensure', 'proxy.leave'],
  },
  {
    title: 'a proxy is upgraded in a release that fails',
    prepare: released(fronted(1), '1'),
    begin: releaseOf('bad', fronted(2)),
    outcome: 'failed',
    running: ['1', '1'],
    serving: instances,
    undo: ['proxy.ensure', 'proxy.leave'],
  },
  {
    title: 'a port is taken over',
    prepare: composed,
    begin: releaseOf('2'),
    outcome: 'released',
    running: ['2', '2'],
    serving: 0,
    forward: ['proxy.redirect', 'proxy.forget', 'retire.refuse'],
  },
  {
    title: 'a port is to be taken over in a release that fails',
    prepare: composed,
    begin: releaseOf('bad'),
    outcome: 'failed',
    running: ['1'],
    serving: 0,
    undo: ['proxy.redirect', 'proxy.forget', 'proxy.remove'],
  },
  {
    title: 'a prune',
    prepare: async (stage) => {
      await released(quick, '1', '2', '1')(stage);
      stage.host.runtime.addImage('belay/shop/api:r1');
    },
    begin: ({ belay, where }) => belay.prune(where),
    outcome: 'removed',
    running: ['1', '1'],
    serving: instances,
    forward: ['prune.image', 'prune.revision', 'prune.leftovers'],
  },
  {
    title: 'a drop',
    prepare: released(fronted(1), '1'),
    begin: ({ belay, where }) => belay.drop(where),
    outcome: 'removed',
    running: [],
    serving: 0,
    forward: ['proxy.remove', 'drop.image', 'drop.files', 'drop.ledger'],
  },
];
