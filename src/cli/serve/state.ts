import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { fileFormat, peekFile } from '../../hosts/format';
import { belayHome } from '../../hosts/home';
import { beganAt } from '../../hosts/workers';
import type { ServePorts } from './arguments';

/** What a running `belay serve` says of itself, for other commands. */
const ServeState = z.object({
  format: z.literal(1),
  pid: z.number().int(),
  /** When the process began, in the kernel's ticks: with the pid it names one process for ever. */
  began: z.string(),
  /** Of Temporal: host:port. */
  address: z.string(),
  ui: z.string(),
  specs: z.string(),
  /** Absent in the foreground. */
  log: z.string().optional(),
  /** ISO 8601; absent while it gets ready. */
  readySince: z.string().optional(),
});
export type ServeState = z.infer<typeof ServeState>;
const stateFile = fileFormat(ServeState);

/** Where `belay serve` keeps its files. */
export function servePaths(env: NodeJS.ProcessEnv) {
  const folder = join(belayHome(env), 'serve');
  return {
    folder,
    state: join(folder, 'state.json'),
    database: join(folder, 'temporal.db'),
    log: join(folder, 'serve.log'),
  };
}

/** The `belay serve` that runs for this home; undefined when none does. */
export function runningServe(env: NodeJS.ProcessEnv): ServeState | undefined {
  try {
    const state = peekFile(readFileSync(servePaths(env).state, 'utf8'), stateFile);
    return state && beganAt(state.pid) === state.began ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Whether one that runs does all that is asked for: it serves these folders, at these ports. Pure. */
export function isSame({ address, ui, specs }: ServeState, ports: ServePorts, asked: string): boolean {
  const served = specs.split(delimiter);
  return (
    address.endsWith(`:${ports.port}`) &&
    ui.endsWith(`:${ports.uiPort}`) &&
    asked.split(delimiter).every((folder) => served.includes(folder))
  );
}

/** The one that runs at this address. */
export function servedAt(env: NodeJS.ProcessEnv, address: string): ServeState | undefined {
  const state = runningServe(env);
  return state?.address === address ? state : undefined;
}

/** Where nobody said which Temporal is meant, the one that `belay serve` runs here is. */
export function useServed(env: NodeJS.ProcessEnv): void {
  const served = runningServe(env)?.address;
  if (served === undefined || env.TEMPORAL_ADDRESS !== undefined) return;
  const { loadClientConnectConfig } = require('@temporalio/envconfig') as typeof import('@temporalio/envconfig');
  const overrideEnvVars = env as Record<string, string>;
  if (loadClientConnectConfig({ overrideEnvVars }).connectionOptions.address === undefined)
    env.TEMPORAL_ADDRESS = served;
}
