import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { temporalArguments } from '../src/cli/serve/arguments';
import { searchAttributeTypes } from '../src/search-attributes';
import { accepts, freePort } from './port';
import { startProcess } from './process';
import { fromSetup } from './root';

export type Temporal = {
  /** host:port of the frontend. */
  address: string;
  uiUrl: string;
  pid(): number;
  /** SIGKILL, as when the machine's power fails. */
  kill(): Promise<void>;
  /** Stops a running server, and starts it again on the same database file and ports. */
  restart(): Promise<void>;
  /** Kills it for good: nobody needs its memory, so it may skip its shutdown. */
  stop(): Promise<void>;
};

export type TemporalOptions = {
  dir: string;
  /** Port of the Web UI; a free one by default. */
  uiPort?: number;
  /** More of its dynamic configuration: `frontend.WorkflowPauseEnabled=true`. */
  settings?: string[];
};

/** Starts a Temporal server with Web UI, its history in `dir`/temporal.db. */
export async function startTemporal({ dir, uiPort, settings = [] }: TemporalOptions): Promise<Temporal> {
  mkdirSync(dir, { recursive: true });
  const ports = { port: await freePort(), uiPort: uiPort ?? (await freePort()) };
  const address = `127.0.0.1:${ports.port}`;
  const start = () =>
    startProcess({
      command: fromSetup('.tools', 'bin', 'temporal'),
      args: [
        ...temporalArguments({ ...ports, database: join(dir, 'temporal.db') }),
        ...settings.flatMap((setting) => ['--dynamic-config-value', setting]),
      ],
      log: join(dir, 'temporal.log'),
      within: 90_000,
      ready: async () => (await accepts(ports.port)) && knowsSearchAttributes(address),
    });
  let server = await start();
  return {
    address,
    uiUrl: `http://127.0.0.1:${ports.uiPort}`,
    pid: () => server.pid,
    kill: () => server.end('SIGKILL'),
    async restart() {
      await server.stop();
      server = await start();
    },
    stop: () => server.end('SIGKILL'),
  };
}

async function knowsSearchAttributes(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    return Object.keys(searchAttributeTypes).every((name) => customAttributes && name in customAttributes);
  } finally {
    await connection.close();
  }
}
