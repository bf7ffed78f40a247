import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
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
  /** Starts again on the same database file and ports; ends what still runs. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export type TemporalOptions = {
  dir: string;
  /** Port of the Web UI; a free one by default. */
  uiPort?: number;
};

const SEARCH_ATTRIBUTES = {
  BelayPlatform: 'Keyword',
  BelayServices: 'KeywordList',
  BelayVersion: 'Keyword',
  BelayPhase: 'Keyword',
  BelayOutcome: 'Keyword',
};

// A new server polls each queue 20 times a second at most: 90 ms of waiting a step instead of 19.
const DYNAMIC_CONFIG = {
  'history.transferProcessorMaxPollRPS': 2000,
  'history.transferProcessorMaxPollHostRPS': 4000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollHostRPS': 4000,
};

/** A Temporal server with Web UI, its history in `dir`/temporal.db. */
export async function startTemporal({ dir, uiPort }: TemporalOptions): Promise<Temporal> {
  mkdirSync(dir, { recursive: true });
  const ports = { port: await freePort(), uiPort: uiPort ?? (await freePort()) };
  const address = `127.0.0.1:${ports.port}`;
  const start = () =>
    startProcess({
      command: fromSetup('.tools', 'bin', 'temporal'),
      args: serverArguments({ dir, ...ports }),
      log: join(dir, 'temporal.log'),
      within: 30_000,
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
    stop: () => server.stop(),
  };
}

export function serverArguments({ dir, port, uiPort }: { dir: string; port: number; uiPort: number }): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn'],
    ...['--db-filename', join(dir, 'temporal.db'), '--port', `${port}`, '--ui-port', `${uiPort}`],
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
  ];
}

async function knowsSearchAttributes(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    return Object.keys(SEARCH_ATTRIBUTES).every((name) => customAttributes && name in customAttributes);
  } finally {
    await connection.close();
  }
}
