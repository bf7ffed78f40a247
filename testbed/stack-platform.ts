import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { buildBaseImage } from './base-image';
import { docker } from './docker';
import type { Stack } from './stack';

/** A platform of one service `api` behind a managed proxy, for the worker of a stack. */
export interface StackPlatform {
  name: string;
  /** The image's name without its tag. */
  image: string;
  /** The proxy's image. */
  haproxy: string;
  /** Ports for instances: `23000-23099`. */
  ports: string;
  /** The port that Compose publishes, and the proxy takes over. */
  hostPort?: number;
  /** More keys of the Compose service `api`. */
  service?: object;
}

/** Writes the platform's files, as of version 1. */
export function writePlatform({ specs }: Stack, platform: StackPlatform): void {
  const { name, image, haproxy, ports, hostPort, service } = platform;
  const ready = { http: '/ready', every: '100ms', healthy: 1, within: '20s' };
  const published = hostPort === undefined ? {} : { ports: [`127.0.0.1:${hostPort}:8080`] };
  const compose = { name, services: { api: { image: `${image}:1`, ...published } } };
  writeFileSync(join(specs, 'compose.yaml'), stringify(compose));
  const routes = [{ proxy: 'edge', port: 8080 }];
  const spec = {
    platform: name,
    compose: 'compose.yaml',
    hosts: { local: { ports } },
    proxies: { edge: { kind: 'haproxy', managed: true, image: haproxy } },
    services: { api: { instances: 2, routes, health: { ready }, stop: { grace: '5s' }, ...service } },
  };
  writeFileSync(join(specs, 'belay.yaml'), stringify(spec));
}

/** Builds the image under one tag for each version. */
export async function buildVersions(image: string, versions: string[]): Promise<void> {
  const base = await buildBaseImage();
  for (const version of versions) {
    const input = `FROM ${base}\nENV VERSION=${version} SHUTDOWN_MS=500\nCMD ["node", "/app/server.js"]\n`;
    await docker(['build', '--tag', `${image}:${version}`, '-'], { input });
  }
}
