import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputOf } from '../src/run-program';
import { docker } from './docker';
import { freePort } from './port';
import { projectRoot } from './root';

/** The project's own docker-compose.yml, in a folder, under a name and on ports of its own. */
export interface Stack {
  /** The stack's project folder. */
  folder: string;
  specs: string;
  home: string;
  /** Temporal's host:port. */
  address: string;
  /** Address of Temporal's HTTP API. */
  api: string;
  uiUrl: string;
  settings: Record<string, string>;
  /** Runs `docker compose …`. Returns its standard output, throws with its standard error. */
  compose(...args: string[]): Promise<string>;
  /**
   * Sends SIGKILL to a service's first process, so that its restart policy acts. After `docker kill` nothing would
   * start it again.
   */
  kill(service: string): Promise<void>;
  /** Stops and removes the stack with its volumes. */
  remove(): Promise<void>;
}

/** Prepares the stack as the README says, and starts nothing. Building missing images takes minutes. */
export async function prepareStack(name: string): Promise<Stack> {
  const image = `belay-stack/${name}`;
  const build = join(projectRoot, 'deploy', 'stand-ins', 'build.sh');
  await outputOf({ command: build, args: [], env: { ...process.env, BELAY_IMAGE: image }, most: 64 * 1024 ** 2 });
  const root = mkdtempSync(join(tmpdir(), `${name}-`));
  const [folder, specs, home] = ['stack', 'specs', 'home'].map((one) => join(root, one)) as [string, string, string];
  for (const one of [join(folder, 'scripts'), specs, home]) mkdirSync(one, { recursive: true });
  for (const one of [
    'deploy',
    '.env.example',
    'docker-compose.yml',
    'compose.socket-proxy.yml',
    'scripts/production.sh',
  ])
    cpSync(join(projectRoot, one), join(folder, one), {
      recursive: true,
      // A developer's own secrets stay out of the copy.
      filter: (path) => !/deploy\/(secrets|docker)$/.test(path),
    });
  await outputOf({ command: join(folder, 'scripts', 'production.sh'), args: ['--host', name, '--specs', specs] });
  const ports = await Promise.all(portNames.map(async (key) => [key, `${await freePort()}`] as const));
  const settings: Record<string, string> = { ...Object.fromEntries(ports), BELAY_HOME: home };
  settings.TEMPORAL_ADDRESS = `127.0.0.1:${settings.TEMPORAL_PORT}`;
  settings.COMPOSE_PROFILES = 'server,worker';
  settings.COMPOSE_PROJECT_NAME = name;
  settings.BELAY_IMAGE = image;
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  writeFileSync(join(folder, '.env'), `${lines.join('\n')}\n`, { flag: 'a' });
  const compose = (...args: string[]) => docker(['compose', ...args], { cwd: folder });
  return {
    folder,
    specs,
    home,
    address: settings.TEMPORAL_ADDRESS,
    api: `http://127.0.0.1:${settings.TEMPORAL_HTTP_PORT}`,
    uiUrl: `http://127.0.0.1:${settings.TEMPORAL_UI_PORT}`,
    settings,
    compose,
    async kill(service) {
      const id = await compose('ps', '--quiet', service);
      process.kill(Number(await docker(['inspect', '--format', '{{.State.Pid}}', id])), 'SIGKILL');
    },
    async remove() {
      await compose('--profile', '*', 'down', '--volumes', '--timeout', '5');
      await docker(['rmi', '--force', image]);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const portNames = [
  'TEMPORAL_PORT',
  'TEMPORAL_HTTP_PORT',
  'TEMPORAL_METRICS_PORT',
  'TEMPORAL_UI_PORT',
  'BELAY_HEALTH_PORT',
  'BELAY_METRICS_PORT',
  'POSTGRES_METRICS_PORT',
  'PROMETHEUS_PORT',
  'ALERTMANAGER_PORT',
];
