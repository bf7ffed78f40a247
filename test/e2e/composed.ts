import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { type BackendSpec, freePort, waitFor } from '../../testbed';
import { serversOf } from './servers';
import type { Stage } from './stage';

const run = promisify(execFile);

export type Ports = [number, number];

/** Two free ports, one after the other: Compose publishes a range. */
export async function freePorts(): Promise<Ports> {
  for (;;) {
    const port = await freePort();
    const { stdout } = await run('ss', ['-Htln', `sport = :${port + 1}`]);
    if (stdout === '') return [port, port + 1];
  }
}

/** A backend that leads to these ports, with empty servers beside. */
export const backendOf = (ports: Ports): BackendSpec => ({
  name: 'api',
  slots: 8,
  staticServers: ports.map((port, index) => `server before${index + 1} 127.0.0.1:${port} check inter 200ms`),
});

/**
 * Starts two containers of version 1 as Compose does, in traffic. Then the Compose file becomes the one that Belay
 * needs.
 */
export async function composeStarts(stage: Stage, ports: Ports): Promise<void> {
  const { folder, name } = stage.platform;
  const api = { image: stage.bed.images['1']!.ref, environment: { COLOUR: 'green' }, stop_grace_period: '10s' };
  const write = (service: object) =>
    writeFileSync(join(folder, 'compose.yaml'), stringify({ name, services: { api: service } }));
  write({ ...api, ports: [`127.0.0.1:${ports[0]}-${ports[1]}:8080`] });
  await compose(stage, 'up', '-d', '--scale', 'api=2');
  write(api);
  const serving = async () =>
    (await serversOf(stage.bed.haproxy)).filter(({ state }) => state === 'ready').length === 2;
  await waitFor({ what: 'HAProxy leading to what Compose started', until: serving });
}

/** `docker compose` in the project's folder; gives its standard output. */
export async function compose({ platform }: Stage, ...args: string[]): Promise<string> {
  return (await run('docker', ['compose', ...args], { cwd: platform.folder })).stdout;
}

export const composedNames = (platform: string): [string, string] => [`${platform}-api-1`, `${platform}-api-2`];
