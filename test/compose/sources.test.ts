// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as Compose files write variables
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerInspectInfo } from 'dockerode';
import { createActivities, type Deps, type StepInput } from '../../activities';
import { plan } from '../../activities/planning/release';
import type { Plan, Step } from '../../src/model/plan';
import { dockerRuntime } from '../../src/runtimes/docker';
import { fakeDeps } from '../fakes/fake-deps';
import type { FakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { openEngine, type TestEngine } from '../runtimes/engine';
import { writeProject } from './folder';

const services = ['api', 'more', 'extra'];
/** Variables of the shell, the same for Compose and the worker. */
const shell = { BELAY_FROM_SHELL: 'by the shell', BELAY_LEVEL: 'debug' };
const command = "command: [node, -e, 'setInterval(() => {}, 1000)']\n    init: true";

const common = (image: string) => ({
  'compose.yaml': `
include: [parts/more.yaml]
services:
  api:
    extends: { file: base.yaml, service: base }
    environment: [BELAY_FROM_SHELL, "LEVEL=$BELAY_LEVEL", "BASE=\${BASE:-none}", "PRICE=5$$", NOBODY]
    env_file: [a.env, { path: missing.env, required: false }]
    volumes: ["./conf.txt:/etc/conf.txt:ro"]
    depends_on: [more]
  extra:
    image: ${image}
    ${command}
    profiles: [full]
`,
  'base.yaml': `services:\n  base:\n    image: ${image}\n    ${command}\n    labels: { base: "\${BASE-}" }\n    mem_limit: 128m\n`,
  'parts/more.yaml': `services:\n  more:\n    image: ${image}\n    ${command}\n    environment: { OWN: "\${OWN}" }\n    volumes: ["./here:/here:ro"]\n`,
  'parts/.env': 'OWN=of the part\n',
  'parts/here/a': '',
  'a.env': "LITERAL='$NOT'\nTAKEN=${BASE}-${BELAY_LEVEL}\n",
  'conf.txt': 'text',
});

const more = {
  'compose.override.yaml':
    'services: { api: { environment: { OVER: "${BASE}" }, mem_limit: 96m, cpus: 0.5, labels: { over: "yes" } } }\n',
  'compose.extra.yaml': 'services: { api: { environment: { OTHER: "${LIMIT}" }, mem_limit: "${LIMIT}" } }\n',
};

const cases: Array<[string, { files: Record<string, string>; compose: string; shell?: Record<string, string> }]> = [
  [
    'an override, several env files, profiles of the shell',
    {
      files: { '.env': 'BASE=not read\n', one: 'BASE=one\nLIMIT=64m\n', two: 'BASE=two\n' },
      compose: '',
      shell: { COMPOSE_ENV_FILES: 'one,two', COMPOSE_PROFILES: 'full' },
    },
  ],
  [
    'COMPOSE_FILE and profiles of .env',
    {
      files: {
        '.env':
          "BASE='of .env'\nLIMIT=64m\nCOMPOSE_PROFILES=full\nCOMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=compose.yaml,compose.extra.yaml\n",
      },
      compose: 'compose: compose.yaml\n',
    },
  ],
];

describe.each(cases)('a project with includes, extends, %s', (_what, given) => {
  let engine: TestEngine;
  let folder: string;
  let deps: Deps;
  const variables = { ...shell, ...given.shell };
  const ours: Record<string, object> = {};
  const theirs: Record<string, object> = {};
  const compose = (...args: string[]) =>
    execFileSync('docker', ['compose', ...args], { cwd: folder, stdio: 'pipe', env: process.env });

  beforeAll(async () => {
    engine = await openEngine('sources');
    folder = realpathSync(engine.folder);
    Object.assign(process.env, variables, { COMPOSE_PROJECT_NAME: engine.prefix });
    const names = services.map((name) => `${name}: { strategy: { kind: recreate } }`);
    writeProject(folder, {
      ...common(engine.image),
      ...more,
      ...given.files,
      'belay.yaml': `platform: ${engine.prefix.slice(0, 40).replace(/-$/, '')}\n${given.compose}services: { ${names.join(', ')} }\n`,
    });
    const runtime = dockerRuntime() as unknown as FakeRuntime;
    deps = fakeDeps({ home: join(folder, '.home'), runtime, specs: [folder] });
    compose('up', '-d');
    for (const service of services) theirs[service] = told(await inspect(`${engine.prefix}-${service}-1`));
    const platform = engine.prefix.slice(0, 40).replace(/-$/, '');
    const made = await runActivity(plan(deps), { platform });
    for (const step of made.steps.filter(isOnTheWay)) await take(made, step);
    for (const service of services) ours[service] = told(await inspect(`${platform}-${service}-r1-1`));
  }, 180_000);
  afterAll(async () => {
    compose('down', '--timeout', '0', '--remove-orphans');
    await engine.close();
    for (const name of [...Object.keys(variables), 'COMPOSE_PROJECT_NAME']) delete process.env[name];
  });

  const inspect = (name: string) => engine.docker.getContainer(name).inspect();
  const isOnTheWay = ({ kind }: Step) => ['claim', 'preflight', 'pull', 'configure', 'launch'].includes(kind);
  const take = async ({ platform, engine, proxies, source }: Plan, step: Step) => {
    const act = createActivities(deps)[step.kind as 'claim'] as (input: StepInput<never>) => Promise<unknown>;
    const input = { format: 1, step, round: 1, platform, engine, proxies, source, by: '', reason: '' };
    await runActivity((one: unknown) => act(one as StepInput<never>), input);
  };

  test.each(services)('gives %s what docker compose up gives it', (service) => {
    expect(ours[service]).toEqual(theirs[service]);
  });

  test('has all of it: what each source says is seen', () => {
    const { Env, Labels, Memory } = theirs.api as { Env: string[]; Labels: Record<string, string>; Memory: number };
    const base = given.shell ? 'two' : 'of .env';
    expect(Env).toEqual(
      expect.arrayContaining([
        'BELAY_FROM_SHELL=by the shell',
        'LEVEL=debug',
        `BASE=${base}`,
        'PRICE=5$',
        'LITERAL=$NOT',
        `TAKEN=${base}-debug`,
        given.shell ? 'OVER=two' : 'OTHER=64m',
      ]),
    );
    expect(Labels).toMatchObject({ base });
    expect(Memory).toBe((given.shell ? 96 : 64) * 1024 * 1024);
  });
});

/** Labels in which Belay differs on purpose, or of which Compose alone knows. */
const ownLabels = /^belay\.|^com\.docker\.compose\.(project\.environment_file|replace)$/;

/**
 * Returns the configuration without facts that containers cannot share, and without names, published ports and stop
 * time, which Belay sets.
 */
function told({ Config, HostConfig, Mounts, NetworkSettings, RestartCount, Image }: ContainerInspectInfo) {
  const { Env, Labels, Cmd, Entrypoint, User, WorkingDir, Tty, OpenStdin, Healthcheck, StopSignal } =
    Config as typeof Config & { StopSignal?: string };
  const { PortBindings, ...host } = HostConfig;
  const networks = Object.entries(NetworkSettings.Networks).map(([name, { Aliases }]) => [
    name,
    (Aliases ?? []).filter((alias: string) => !/^[0-9a-f]{12}$/.test(alias)).sort(),
  ]);
  return {
    ...{ Image, Cmd, Entrypoint, User, WorkingDir, Tty, OpenStdin, Healthcheck, StopSignal, RestartCount },
    Env: [...Env].sort(),
    Labels: Object.fromEntries(Object.entries(Labels).filter(([name]) => !ownLabels.test(name))),
    Memory: host.Memory,
    // No list and an empty one are the same to the engine.
    host: Object.fromEntries(
      Object.entries(host).map(([name, one]) => [name, Array.isArray(one) && one.length === 0 ? null : one]),
    ),
    Mounts,
    networks,
  };
}
