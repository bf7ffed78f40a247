import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from './port';
import { startProcess } from './process';

export type Registry = {
  /** host:port, the beginning of image references. */
  address: string;
  pid: number;
  stop(): Promise<void>;
};

/**
 * Starts a container registry on loopback. `dir` takes its configuration and log, `storage` its images (`dir` by
 * default).
 */
export async function startRegistry({ dir, storage = dir }: { dir: string; storage?: string }): Promise<Registry> {
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(dir, 'registry.yml');
  mkdirSync(dir, { recursive: true });
  writeFileSync(config, stringify(settings({ address, storage: join(storage, 'registry') })));
  const { pid, stop } = await startProcess({
    command: 'docker-registry',
    args: ['serve', config],
    log: join(dir, 'registry.log'),
    ready: async () => (await fetch(`http://${address}/v2/`)).ok,
  });
  return { address, pid, stop };
}

function settings({ address, storage }: { address: string; storage: string }) {
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: address },
  };
}
