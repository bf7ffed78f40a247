import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { fileFormat, peekFile } from '../../hosts/format';
import { belayHome } from '../../hosts/home';
import { beganAt } from '../../hosts/workers';
import type { ServePorts } from './arguments';

/** State of a running `belay serve`, for other commands. */
const ServeState = z.object({
  format: z.literal(1),
  pid: z.number().int(),
  /** Start of the process in the kernel's ticks: with the pid it names one process for good. */
  began: z.string(),
  /** Temporal's address, host:port. */
  address: z.string(),
  ui: z.string(),
  specs: z.string(),
  /** Absent in the foreground. */
  log: z.string().optional(),
  /** ISO 8601; absent until it is ready. */
  readySince: z.string().optional(),
});
export type ServeState = z.infer<typeof ServeState>;
const stateFile = fileFormat(ServeState);

/** Returns the paths of `belay serve`'s files. */
export function servePaths(env: NodeJS.ProcessEnv) {
  const folder = join(belayHome(env), 'serve');
  return {
    folder,
    state: join(folder, 'state.json'),
    database: join(folder, 'temporal.db'),
    log: join(folder, 'serve.log'),
  };
}

/** Returns this home's running `belay serve`; undefined if there is none. */
export function runningServe(env: NodeJS.ProcessEnv): ServeState | undefined {
  const state = lastServe(env);
  return state && beganAt(state.pid) === state.began ? state : undefined;
}

/** Returns this home's latest `belay serve`, also after its end. */
function lastServe(env: NodeJS.ProcessEnv): ServeState | undefined {
  try {
    return peekFile(readFileSync(servePaths(env).state, 'utf8'), stateFile);
  } catch {
    return undefined;
  }
}

/** Returns the given ports; for others those of this home's latest `belay serve`, else the usual ones. */
export function servePorts(env: NodeJS.ProcessEnv, { port, uiPort }: Partial<ServePorts>): ServePorts {
  const last = lastServe(env);
  return {
    port: port ?? (last ? portIn(last.address) : usualPorts.port),
    uiPort: uiPort ?? (last ? portIn(last.ui) : usualPorts.uiPort),
  };
}

/** Pure. */
export const portIn = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));

export const usualPorts: ServePorts = { port: 7233, uiPort: 8233 };

/** Tells if a running one already serves these folders at these ports. Pure. */
export function isSame({ address, ui, specs }: ServeState, ports: ServePorts, asked: string): boolean {
  const served = specs.split(delimiter);
  return (
    address.endsWith(`:${ports.port}`) &&
    ui.endsWith(`:${ports.uiPort}`) &&
    asked.split(delimiter).every((folder) => served.includes(folder))
  );
}

/** Returns the `belay serve` that runs at this address. */
export function servedAt(env: NodeJS.ProcessEnv, address: string): ServeState | undefined {
  const state = runningServe(env);
  return state?.address === address ? state : undefined;
}

/** Without a configured Temporal, `belay serve`'s own is used. */
export function useServed(env: NodeJS.ProcessEnv): void {
  const served = runningServe(env)?.address;
  if (served === undefined || env.TEMPORAL_ADDRESS !== undefined) return;
  const { loadClientConnectConfig } = require('@temporalio/envconfig') as typeof import('@temporalio/envconfig');
  const overrideEnvVars = env as Record<string, string>;
  if (loadClientConnectConfig({ overrideEnvVars }).connectionOptions.address === undefined)
    env.TEMPORAL_ADDRESS = served;
}
