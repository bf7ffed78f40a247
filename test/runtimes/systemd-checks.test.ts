import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMasker } from '../../src/hosts/secrets';
import { drillProblems } from '../../src/runtimes/systemd/drills/before-release';
import { directivesOf } from '../../src/runtimes/systemd/drop-in';
import { namedEnvFiles } from '../../src/runtimes/systemd/env-files';
import { heldByOthers } from '../../src/runtimes/systemd/holders';
import { jobProblems } from '../../src/runtimes/systemd/jobs/problems';
import type { KnownService } from '../../src/runtimes/systemd/known';
import { lifeProblems } from '../../src/runtimes/systemd/life-problems';
import { secretsOf } from '../../src/runtimes/systemd/secrets';
import { inBoth } from '../../src/runtimes/systemd/shared-parts';
import { unitLines } from '../../src/runtimes/systemd/unit-lines';
import { unitStates } from '../../src/runtimes/systemd/unit-state';
import { warningsOf } from '../../src/runtimes/systemd/warnings';
import type { SystemdService } from '../../src/spec/spec';
import { projectIn } from '../systemd/runtime';

interface Given {
  /** Keys of the service. */
  spec?: object;
  /** The unit file, or the lines of its [Service] section. */
  text?: string;
  /** Lines that `systemctl show` tells. */
  shown?: string;
  /** Texts of drop-ins by their path. */
  dropIns?: Record<string, string>;
  more?: Partial<KnownService>;
}

const wanted = '[Install]\nWantedBy=multi-user.target\n';
const nobody = { restarted: [], stopped: [], conflicting: [], upholding: [] };

/** What Belay knows of web.service. */
function knownService({ spec = {}, text = '', shown = '', dropIns = {}, more = {} }: Given): KnownService {
  const services = { web: { runtime: 'systemd', unit: 'web.service', ...spec } };
  const service = projectIn('/srv/project', { platform: 'shop', services }).spec.services.web as SystemdService;
  const { env, env_files: envFiles, credentials, settings, stop } = service;
  const directives = directivesOf({ env, envFiles, credentials, settings, stop });
  const whole = text.includes('[') ? text : `[Service]\n${text}\n${wanted}`;
  const others = Object.entries(dropIns).map(([path, one]) => ({ path, text: `[Service]\n${one}` }));
  const hostLines = unitLines([whole, ...others.map((one) => one.text)]);
  const [state] = unitStates(`Id=web.service\nLoadState=loaded\n${shown || 'ActiveState=active'}`);
  return {
    name: 'web',
    service,
    unit: 'web.service',
    state: state!,
    triggers: [],
    file: { path: '/etc/systemd/system/web.service', text: whole },
    dropIns: others,
    furtherDropIns: [],
    missing: [],
    directives,
    hostLines,
    lines: unitLines([whole, ['[Service]', ...directives].join('\n'), ...others.map((one) => one.text)]),
    envFiles: [],
    unitEnvFiles: [],
    credentials: {},
    running: [],
    dependents: nobody,
    sockets: [],
    holders: [],
    ...more,
  };
}

const said = (given: Given): string => warningsOf([knownService(given)], 90_000).join('\n');
const problem = (given: Given): string =>
  lifeProblems(knownService(given))
    .map(({ why, hint }) => `${why} -> ${hint}`)
    .join('\n');
const envFile = (path: string, values: Record<string, string>) => ({ path, isThere: true, values, mark: () => '' });

describe('a plan says', () => {
  test.each<[string, Given, string]>([
    [
      'how long nobody answers',
      { text: 'TimeoutStopSec=2 min' },
      'web: web.service is restarted by one job; no request is answered from its stop (at most 120 s) until it is ready',
    ],
    [
      'that by the spec',
      { text: 'TimeoutStopSec=2 min', spec: { strategy: { kind: 'recreate' }, stop: { grace: '7s' } } },
      'web.service is stopped (at most 7 s) and then started; no request is answered meanwhile',
    ],
    [
      'that by the host where the unit says nothing',
      { spec: { strategy: { kind: 'recreate' } } },
      'web.service is stopped (at most 90 s) and then started',
    ],
    ['that a stop has no limit', { text: 'TimeoutStopSec=0' }, 'from its stop (without a limit) until it is ready'],
    [
      'what bounds such a stop',
      { text: 'TimeoutStopSec=infinity' },
      'web.service may take any time to stop (TimeoutStopSec=infinity): Belay kills it 30 s after its own stop of it, and a restart waits. To bound both, write stop: { grace: 90s }',
    ],
    [
      'that systemd cannot read a time',
      { text: 'TimeoutStopSec=soon' },
      'TimeoutStopSec=soon of web.service is no time, so that systemd passes it over',
    ],
    [
      'which units restart with it',
      { more: { dependents: { ...nobody, restarted: ['a.service', 'b.service'] } } },
      'a restart of web.service restarts a.service, b.service too (Requires=, BindsTo= or PartOf=)',
    ],
    [
      'which units its start stops',
      { more: { dependents: { ...nobody, conflicting: ['old.service'] } } },
      'a start of web.service stops old.service (Conflicts=)',
    ],
    [
      'which words of the spec a later drop-in replaces',
      {
        spec: { env: { A: '1', B: '2' }, settings: { MemoryMax: '1G', Nice: 5 }, stop: { grace: '7s' } },
        dropIns: {
          '/etc/systemd/system/web.service.d/override.conf': 'Environment=B=3 C=4\nMemoryMax=2G\nTimeoutSec=9',
        },
      },
      '/etc/systemd/system/web.service.d/override.conf replaces Environment=B, MemoryMax=, TimeoutStopSec= of the spec, as systemd reads it after 50-belay.conf: take these lines out of it',
    ],
    [
      'that a later drop-in takes all of them back',
      { spec: { env: { A: '1' } }, dropIns: { '/run/systemd/system/web.service.d/60.conf': 'Environment=' } },
      '60.conf replaces Environment= of the spec',
    ],
    [
      'that a file of the unit sets a variable of env',
      { spec: { env: { KEY: 'a' } }, more: { unitEnvFiles: [envFile('/etc/default/web', { KEY: 'b', OTHER: 'c' })] } },
      'env.KEY has no effect: /etc/default/web sets KEY too, and systemd lets EnvironmentFile= win',
    ],
    [
      'that it cannot see what runs under another root',
      { spec: { artifact: { file: 'w', install: '/opt/w' } }, text: 'RootDirectory=/srv/root' },
      'web.service: RootDirectory= gives it other files, so Belay does not check that its process runs the released file',
    ],
    [
      'that it may not know the main process',
      { spec: { artifact: { file: 'w', install: '/opt/w' }, settings: { Type: 'forking' } } },
      'web.service: Type=forking names no PIDFile=, so Belay does not check',
    ],
    [
      'that the unit runs another program',
      { spec: { artifact: { file: 'w', install: '/opt/w' } }, shown: 'ExecStart={ path=/usr/bin/node ; argv[]=node }' },
      'ExecStart= runs /usr/bin/node, not artifact.install (/opt/w): the release has no effect unless /usr/bin/node reads files there',
    ],
    [
      'that it may stop containers',
      { shown: 'Requires=docker.service' },
      'web.service requires docker.service: it may stop containers when it stops; check ExecStop= and the program',
    ],
    [
      'that its unit file is gone under it',
      {
        more: {
          unitText: '[Service]\n',
          state: unitStates('Id=web.service\nLoadState=not-found\nActiveState=active')[0]!,
        },
      },
      'web.service runs, and its unit file is gone: nothing starts it after a reboot. belay restart --service web writes the file again',
    ],
    [
      'that it was started too often',
      { shown: 'ActiveState=failed\nResult=start-limit-hit' },
      'so the release first runs systemctl reset-failed',
    ],
  ])('%s', (_title, given, words) => {
    expect(said(given)).toContain(words);
  });

  test.each<[string, Given]>([
    [
      'of a drop-in that systemd reads before its own',
      { spec: { env: { A: '1' } }, dropIns: { '/x/10.conf': 'Environment=A=2' } },
    ],
    [
      'of a later drop-in about something else',
      { spec: { env: { A: '1' } }, dropIns: { '/x/60.conf': 'Environment=B=2\nNice=5' } },
    ],
    ['of variables that env does not set', { more: { unitEnvFiles: [envFile('/etc/default/web', { KEY: 'b' })] } }],
    [
      'of an interpreter that begins in the released folder',
      {
        spec: { artifact: { folder: 'w', install: '/opt/w' } },
        shown: 'ExecStart={ path=/usr/bin/node ; argv[]=node }',
        text: 'ExecStart=/usr/bin/node server.js\nWorkingDirectory=/opt/w',
      },
    ],
    [
      'of a process whose file can be seen',
      {
        spec: { artifact: { file: 'w', install: '/opt/w' } },
        text: 'Type=forking\nPIDFile=/run/w.pid\nRootDirectory=/',
      },
    ],
  ])('nothing %s', (_title, given) => {
    expect(said(given).split('\n')).toHaveLength(1);
  });
});

describe('a plan refuses', () => {
  const recreate = { strategy: { kind: 'recreate' } };
  test.each<[string, Given, string]>([
    [
      'a unit without [Install]',
      { text: '[Service]\nType=exec' },
      'web.service has no WantedBy= in [Install], so that it would not start again with the host -> write WantedBy=multi-user.target into its section [Install]',
    ],
    [
      'an [Install] that no target is in',
      { text: '[Service]\nType=exec\n[Install]\nAlias=www.service\nWantedBy=' },
      'web.service has no WantedBy= in [Install]',
    ],
    ['an empty [Install]', { text: '[Install]\n' }, 'web.service has no WantedBy= in [Install]'],
    [
      'a unit that ends by itself',
      { text: 'Type=oneshot' },
      'web.service ends by itself (Type=oneshot), and an instance has to keep running -> write RemainAfterExit=yes into it, or another Type=, or leave the service out of the spec',
    ],
    [
      'a stop after which others stay stopped',
      { spec: recreate, more: { dependents: { ...nobody, restarted: ['a.service'], stopped: ['b.socket'] } } },
      'recreate stops web.service, and systemd stops a.service, b.socket with it; nothing starts these again -> write strategy: { kind: in-place }',
    ],
    [
      'a stop after which another unit starts it',
      { spec: recreate, more: { dependents: { ...nobody, upholding: ['a.service'] } } },
      'recreate stops web.service, and a.service would start it again at once (Upholds=)',
    ],
  ])('%s', (_title, given, words) => {
    expect(problem(given)).toContain(words);
  });

  test.each<[string, Given]>([
    ['a unit that a target wants', {}],
    ['a unit that its socket starts', { text: '[Service]\n', more: { triggers: unitStates('Id=web.socket\n') } }],
    ['a oneshot that stays', { text: 'Type=oneshot\nRemainAfterExit=true' }],
    ['a oneshot that the spec lets stay', { text: 'Type=oneshot', spec: { settings: { RemainAfterExit: 'yes' } } }],
    [
      'a restart of others',
      { more: { dependents: { ...nobody, restarted: ['a.service'], upholding: ['b.service'] } } },
    ],
  ])('not %s', (_title, given) => {
    expect(problem(given)).toBe('');
  });
});

describe('a plan refuses jobs', () => {
  const jobs = [{ name: 'expand', command: ['/bin/true'] }];
  const why = (given: Given) => jobProblems(knownService(given)).map((one) => one.why);

  test.each<[string, Given, string]>([
    ['that would not see the new files', { text: 'RootDirectory=/srv/root' }, 'web.service has RootDirectory='],
    [
      'that would run as another user',
      { text: 'DynamicUser=yes', more: { unit: 'web.api.service' } },
      'web.api.service has DynamicUser= without User=',
    ],
  ])('%s', (_title, given, words) => {
    expect(why({ ...given, spec: { jobs } })).toEqual([expect.stringContaining(words)]);
    expect(why(given)).toEqual([]);
  });

  test('and no other', () => {
    for (const text of ['', 'RootDirectory=/', 'DynamicUser=yes', 'DynamicUser=no'])
      expect(why({ text, spec: { jobs } })).toEqual([]);
    expect(why({ text: 'DynamicUser=yes\nUser=web', spec: { jobs }, more: { unit: 'web.api.service' } })).toEqual([]);
  });
});

describe('a unit that a drop-in of Belay gives away', () => {
  const own = { platform: 'shop', service: 'web', services: ['web', 'api'] };
  const held = (more: object) =>
    heldByOthers(
      [
        {
          unit: 'web.service',
          platform: 'shop',
          service: 'web',
          instance: 'shop-web-r1-1',
          isKnown: true,
          isActive: true,
          home: '/var/lib/belay',
          ...more,
        },
      ],
      own,
    ).map(({ why }) => why);
  const told = '/etc/systemd/system/web.service.d/50-belay.conf gives web.service to shop-web-r1-1 of';

  test.each([
    ['another platform', { platform: 'other' }, [`${told} other/web`]],
    ['another service', { service: 'api', isActive: false }, [`${told} shop/api`]],
    [
      'another BELAY_HOME',
      { platform: 'other', isKnown: false, isActive: false },
      [`${told} other/web, which /var/lib/belay does not know`],
    ],
    [
      'the same names in another BELAY_HOME',
      { isKnown: false },
      [`${told} shop/web, which /var/lib/belay does not know`],
    ],
    ['a renamed service that still runs', { service: 'www' }, [`${told} shop/www`]],
    ['the service itself', {}, []],
    ['a renamed service that has stopped', { service: 'www', isActive: false }, []],
    ['the service itself, with a record that is gone', { isKnown: false, isActive: false }, []],
  ])('to %s', (_title, more, expected) => {
    expect(held(more)).toEqual(expected);
  });
});

test.each([
  ['the same unit', 'web.service', {}, 'the unit web.service'],
  ['a template and its instance', 'api@9001.service', {}, 'the unit api@.service'],
  ['the same path', 'other.service', { installs: ['/opt/api'] }, 'the path /opt/api in artifact.install'],
  ['nothing', 'other.service', { installs: ['/opt/other'] }, undefined],
])('two platforms share %s', (_title, project, shared, what) => {
  const own = { projects: [], shared: { units: ['web.service', 'api@.service'], installs: ['/opt/api'] } };
  expect(inBoth(own, { projects: [project], shared })?.what).toBe(what);
});

test('values of a unit, of its files and of its credentials are masked', async () => {
  const masker = createMasker();
  const one = knownService({
    text: 'Environment=PASSWORD=in-the-unit "TOKEN=with a blank"',
    more: {
      envFiles: [envFile('/etc/a.env', { KEY: 'of-the-spec' })],
      unitEnvFiles: [envFile('/etc/b.env', { KEY: 'of-the-host' })],
      credentials: { cert: 'first-line\nsecond-line\n' },
    },
  });
  masker.add(secretsOf(one), 'shop');
  const log = 'in-the-unit, with a blank, of-the-spec, of-the-host, second-line';
  expect(masker.mask(log)).toBe('***, ***, ***, ***, ***');
});

test('the files of EnvironmentFile= are found by specifiers and patterns', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-env-'));
  for (const name of ['a.env', 'b.env', 'c.txt']) writeFileSync(join(folder, name), '');
  const lines = unitLines([
    `[Service]\nEnvironmentFile=-/etc/%p/%i.env\nEnvironmentFile=${folder}/*.env\nEnvironmentFile=%E/100%%`,
  ]);
  const found = await namedEnvFiles(lines, 'web@9001.service');
  rmSync(folder, { recursive: true });
  expect(found).toEqual(['/etc/web/9001.env', `${folder}/a.env`, `${folder}/b.env`, '/etc/100%']);
});

describe('drill: before of a unit that cannot be drilled', () => {
  const listens = { more: { sockets: ['/run/shop/app.sock'] } };
  test.each<[string, Given, string | undefined]>([
    ['is refused before anything changes', { text: 'RuntimeDirectory=web' }, 'the same place (RuntimeDirectory=)'],
    ['tells the socket', listens, 'it would take /run/shop/app.sock from the service'],
    ['is none where it can', {}, undefined],
  ])('%s', (_title, given, why) => {
    const problems = drillProblems(knownService({ ...given, spec: { drill: 'before' } }));
    expect(problems.map((one) => one.why)).toEqual(why === undefined ? [] : [expect.stringContaining(why)]);
    expect(drillProblems(knownService(given))).toEqual([]);
  });

  test('goes by an instance of a template', () => {
    const spec = { unit: undefined, template: 'web@.service', ports: [9001, 9002], drill: 'before' };
    const problems = (text: string) => drillProblems({ ...knownService({ spec, text }), unit: 'web@.service' });
    expect(problems('ExecStop=/opt/stop /run/%i.sock')).toEqual([]);
    expect(problems('ExecStop=/opt/stop /run/web.sock')).toEqual([
      expect.objectContaining({ why: expect.stringContaining('names /run/web.sock') }),
    ]);
    expect(problems('ExecStop=/opt/stop localhost:9002')).toEqual([
      expect.objectContaining({ why: expect.stringContaining('names port 9002, at which the service listens') }),
    ]);
  });
});
