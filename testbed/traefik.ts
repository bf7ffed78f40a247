import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './port';
import { startProcess } from './process';
import { fromSetup, projectRoot } from './root';

/** The folder of the example: Traefik's files, and the commands for it. */
export const traefikExample = join(projectRoot, 'examples', 'command-proxy');

export type Traefik = {
  /** Where requests for the backend `api` go. */
  url: string;
  /** The proxy of a spec; its commands are those of the example, by a path in their folder. */
  proxy: ReturnType<typeof proxyOf>;
  stop(): Promise<void>;
};

/** Starts Traefik with the example's own files, on other ports. */
export async function startTraefik({ dir }: { dir: string }): Promise<Traefik> {
  const dynamic = join(dir, 'dynamic');
  mkdirSync(dynamic, { recursive: true });
  const [web, api] = [await freePort(), await freePort()];
  const config = join(dir, 'traefik.yml');
  const written = readFileSync(join(traefikExample, 'traefik.yml'), 'utf8')
    .replace('":80"', `"127.0.0.1:${web}"`)
    .replace('127.0.0.1:8080', `127.0.0.1:${api}`)
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
    ready: async () => (await fetch(`http://127.0.0.1:${api}/api/http/routers/api@file`)).ok,
  });
  return { url, proxy: proxyOf({ folder: dynamic, api }), stop: () => running.stop() };
}

function proxyOf({ folder, api }: { folder: string; api: number }) {
  const settings = [`TRAEFIK_FOLDER=${folder}`, `TRAEFIK_API=http://127.0.0.1:${api}`];
  const command = (verb: string) => ['env', ...settings, './traefik.mjs', verb];
  const [admit, drain, remove, observe] = ['admit', 'drain', 'remove', 'observe'].map(command) as [
    string[],
    string[],
    string[],
    string[],
  ];
  return { kind: 'command' as const, admit, drain, remove, observe, counts: true };
}
