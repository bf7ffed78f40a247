import { dirname } from 'node:path';
import { stringify } from 'yaml';
import type { Belay, ReleaseHandle } from '../../src/client';
import type { Machine } from '../../testbed/systemd/machine';
import { startMachineWorker } from '../../testbed/systemd/worker';
import { type CrashPoint, crashesOf, isAt, markersIn, pointsIn } from '../e2e/crash-point';
import type { Look } from './kill-look';
import { type Load, startLoad } from './load';
import { ask, haproxyFor } from './programs';
import { remote } from './remote';

export type Kind = 'in-place' | 'recreate' | 'rolling';

/** A platform on a machine, with a mortal worker, a home and a unit of its own. */
export interface Stage {
  kind: Kind;
  belay: Belay;
  where: { platform: string; host: string };
  look(): Promise<Awaited<ReturnType<Look['here']>>>;
  instances: number;
  /** The folder of the files that its units run. */
  releases: string;
  release(build: Build): Promise<ReleaseHandle>;
  /** The version that answers. */
  version(): Promise<string>;
  load(): Promise<Load>;
  arm(...points: CrashPoint[]): Promise<void>;
  /** The points at which no worker has come by. */
  left(points: CrashPoint[]): Promise<CrashPoint[]>;
  /** How often systemd has started units of the service since the machine was made. */
  starts(): Promise<number>;
  /** What its jobs have done since the machine was made: `run`, `undo`. */
  ran(): Promise<string[]>;
  /** Resolves when its worker polls. */
  ready(): Promise<void>;
  /** Opens the eye on the machine again: it closes with the machine. */
  again(): Promise<void>;
}

export interface Build {
  version: string;
  /** The service that follows fails its test, and so the release goes back. */
  fails?: true;
  /** Its instances end by SIGKILL alone. */
  stubborn?: true;
}

interface Sort {
  strategy: object;
  unit: object;
  /** The unit file of the host. */
  file: string;
  ports: number[];
  install: string;
  /** The port at which clients ask. */
  asked: number;
  more?: object;
}

/** The runs of jobs on a machine, one a line. */
const ranAt = '/srv/ran';
const noting = (what: string): string[] => ['/bin/sh', '-c', `echo ${what} >> ${ranAt}`];

const sorts: Record<Kind, Sort> = {
  'in-place': {
    strategy: { kind: 'in-place' },
    unit: { unit: 'place-web.service' },
    file: 'place-web.service',
    ports: [9101],
    install: '/opt/place/web',
    asked: 9101,
  },
  recreate: {
    strategy: { kind: 'recreate' },
    unit: { unit: 'anew-web.service' },
    file: 'anew-web.service',
    ports: [9102],
    install: '/opt/anew/web',
    asked: 9102,
  },
  rolling: {
    strategy: { kind: 'rolling', surge: 2 },
    unit: { template: 'many-web@.service', ports: [9111, 9112, 9113, 9114], instances: 2 },
    file: 'many-web@.service',
    ports: [9111, 9112, 9113, 9114],
    install: '/opt/many/web-%i',
    asked: 8080,
    more: { routes: [{ proxy: 'edge', backend: 'many', port: 8000 }], drain: { deadline: '1s' } },
  },
};

const following: Record<Kind, number> = { 'in-place': 9121, recreate: 9122, rolling: 9123 };
export const kinds = Object.keys(sorts) as Kind[];
/** True for the one kind whose service has a job: its runs know of no strategy. */
export const runsJob = (kind: Kind): boolean => kind === 'in-place';
/** True for the one kind whose unit can run once more beside itself: a template. */
export const isDrilled = (kind: Kind): boolean => kind === 'rolling';
const platformOf = (kind: Kind) => sorts[kind].file.split('-')[0]!;

/** A program that answers its version: HAProxy, which starts at once, and whose version is in its folder. */
const answering = (version: string): string => `defaults
  mode http
  timeout client 10s
  timeout connect 10s
  timeout server 10s
frontend web
  bind "127.0.0.1:\${PORT}"
  http-request return status 500 if { path /smoke } { env(SMOKE) -m str bad }
  http-request return status 200 content-type text/plain string ${version}
`;

const unitFile = (folder: string, port: string): string => `[Service]
Type=exec
Environment=PORT=${port}
ExecStart=${folder}/haproxy -db -f ${folder}/haproxy.cfg
Restart=always
RestartSec=100ms
[Install]
WantedBy=multi-user.target
`;

/** Prepares the machine for stages of all kinds. */
export async function prepareMachine(machine: Machine): Promise<void> {
  await machine.write('/etc/haproxy/haproxy.cfg', haproxyFor({ name: 'many', ports: sorts.rolling.ports, inter: 100 }));
  await machine.write('/srv/after/haproxy.cfg', answering('after'));
  for (const kind of kinds) {
    const { file, install, ports } = sorts[kind];
    await machine.write(`/etc/systemd/system/${file}`, unitFile(install, file.includes('@') ? '%i' : String(ports[0])));
    // Belay's patience ends first.
    await machine.write(`/etc/systemd/system/${file}.d/60-patient.conf`, '[Service]\nTimeoutStopSec=30s\n');
    await machine.write(
      `/etc/systemd/system/${platformOf(kind)}-after.service`,
      unitFile('/srv/after', String(following[kind])),
    );
  }
  await machine.exec('cp', ['/usr/sbin/haproxy', '/srv/after/haproxy']);
  await machine.exec('systemctl', ['daemon-reload']);
  await machine.exec('systemctl', ['enable', '--now', 'haproxy.service']);
}

interface Setting {
  machine: Machine;
  kind: Kind;
  belay: Belay;
  /** Port on loopback of Temporal. */
  temporal: number;
}

export async function setStage({ machine, kind, belay, temporal }: Setting): Promise<Stage> {
  const sort = sorts[kind];
  const platform = platformOf(kind);
  const [home, crash, folder] = [`/var/lib/${platform}`, `/var/lib/${platform}-crash`, `/srv/${platform}`];
  const where = { platform, host: `host-${platform}` };
  await machine.exec('mkdir', ['-p', crash, `${folder}/web`, dirname(sort.install)]);
  await machine.exec('cp', ['/usr/sbin/haproxy', `${folder}/web/haproxy`]);
  const worker = await startMachineWorker(machine, {
    temporal,
    name: `worker-${platform}`,
    module: '/opt/belay/dist/test/e2e/crash-worker.js',
    folder,
    files: {},
    env: { BELAY_CRASH: crash, BELAY_HOME: home, BELAY_HOST: where.host },
  });
  const open = () =>
    remote<Look>(machine, {
      module: '/opt/belay/dist/test/systemd/kill-look.js',
      name: 'openLook',
      args: [{ home, platform, install: sort.install, units: `${platform}-web` }],
    });
  let look = await open();
  const write = async (build: Build) => {
    await worker.write({ 'belay.yaml': specOf(kind, build), 'web/haproxy.cfg': answering(build.version) });
  };
  return {
    kind,
    belay,
    where,
    instances: kind === 'rolling' ? 2 : 1,
    releases: `${dirname(sort.install)}/.belay/${platform}.web`,
    look: () => look.object.here(),
    async release(build) {
      await write(build);
      return await belay.release(where);
    },
    version: () => machine.exec('node', ['-e', ask, `http://127.0.0.1:${sort.asked}/version`]),
    load: () => startLoad(machine, sort.asked),
    arm: (...points) =>
      machine.exec('rm', ['-f', markersIn(crash)]).then(() => machine.write(pointsIn(crash), JSON.stringify(points))),
    async left(points) {
      const crashes = crashesOf(await machine.read(markersIn(crash)).catch(() => ''));
      return points.filter((point) => !crashes.some((one) => isAt(one, point)));
    },
    async starts() {
      const started = 'MESSAGE_ID=39f53479d3a045ac8e11786248231fbf';
      const of = sort.ports.map((port) => `UNIT=${sort.file.replace('@', `@${port}`)}`);
      const lines = await machine.exec('journalctl', ['--quiet', '--output=cat', started, ...new Set(of)]);
      return lines.split('\n').filter(Boolean).length;
    },
    async ran() {
      if (!runsJob(kind)) return [];
      return (await machine.read(ranAt).catch(() => '')).split('\n').filter(Boolean);
    },
    ready: worker.ready,
    async again() {
      look = await open();
    },
  };
}

function specOf(kind: Kind, { version, fails, stubborn }: Build): string {
  const { strategy, unit, install, ports, more } = sorts[kind];
  const quick = { every: '50ms', healthy: 1, within: '5s' };
  const port = kind === 'rolling' ? undefined : ports[0];
  const after = following[kind];
  return stringify({
    platform: platformOf(kind),
    proxies: { edge: { kind: 'haproxy', socket: '/run/haproxy/admin.sock', config: '/etc/haproxy/haproxy.cfg' } },
    services: {
      web: {
        runtime: 'systemd',
        ...unit,
        strategy,
        artifact: { folder: 'web', install },
        env: { VERSION: version },
        health: { ready: { http: '/version', ...(port && { port }), ...quick } },
        stop: stubborn ? { signal: 'SIGCONT', grace: '200ms' } : { grace: '5s' },
        keep: 1,
        ...(isDrilled(kind) && { drill: { settle: '10ms', wait: '1s' } }),
        ...(runsJob(kind) && {
          jobs: [{ name: 'note', command: noting('run'), pending: ['/bin/false'], undo: noting('undo') }],
        }),
        ...more,
      },
      after: {
        runtime: 'systemd',
        unit: `${platformOf(kind)}-after.service`,
        env: { SMOKE: fails ? 'bad' : 'good' },
        health: { ready: { http: '/version', port: after, ...quick } },
        validate: [{ name: 'smoke', http: '/smoke', port: after }],
        needs: [{ service: 'web' }],
      },
    },
  });
}
