import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './port';
import { startProcess } from './process';
import { fromSetup, projectRoot } from './root';

/** The folder of the example: Traefik's files, and the commands for it. */
export const traefikExample = join(projectRoot, 'examples', 'command-proxy');

export type Traefik = {
  /** Where requests for the backend `api` go. */
  url: string;
  /** The address of its API. */
  api: string;
  /** The proxy of a spec; its commands are those of the example, by a path in their folder. */
  proxy: ReturnType<typeof proxyOf>;
  /** Forgets all members, as on a new host. */
  forget(): void;
  stop(): Promise<void>;
};

/** Starts Traefik with the example's own files, on other ports. */
export async function startTraefik({ dir }: { dir: string }): Promise<Traefik> {
  const dynamic = join(dir, 'dynamic');
  mkdirSync(dynamic, { recursive: true });
  const [web, port] = [await freePort(), await freePort()];
  const api = `http://127.0.0.1:${port}`;
  const config = join(dir, 'traefik.yml');
  const written = readFileSync(join(traefikExample, 'traefik.yml'), 'utf8')
    .replace('":80"', `"127.0.0.1:${web}"`)
    .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replace('/etc/traefik/dynamic', dynamic);
  writeFileSync(config, written);
  const routers = join('dynamic', 'routers.yml');
  writeFileSync(join(dir, routers), readFileSync(join(traefikExample, routers)));
  const url = `http://127.0.0.1:${web}`;
  const running = await startProcess({
    command: fromSetup('.tools', 'bin', 'traefik'),
    args: [`--configFile=${config}`, '--global.checkNewVersion=false', '--global.sendAnonymousUsage=false'],
    log: join(dir, 'traefik.log'),
    // The router is known before its service.
    ready: async () => (await fetch(`${api}/api/http/routers/api@file`)).ok,
  });
  return {
    url,
    api,
    proxy: proxyOf({ folder: dynamic, api }),
    forget: () => rmSync(join(dynamic, 'belay-api.yml'), { force: true }),
    stop: () => running.stop(),
  };
}

function proxyOf({ folder, api }: { folder: string; api: string }) {
  const settings = [`TRAEFIK_FOLDER=${folder}`, `TRAEFIK_API=${api}`];
  const command = (verb: string) => ['env', ...settings, './traefik.mjs', verb];
  const [admit, drain, remove, observe] = ['admit', 'drain', 'remove', 'observe'].map(command) as [
    string[],
    string[],
    string[],
    string[],
  ];
  return { kind: 'command' as const, admit, drain, remove, observe, counts: true };
}
