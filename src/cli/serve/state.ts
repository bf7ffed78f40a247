import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { belayHome } from '../../hosts/home';

/** What a running `belay serve` says of itself, for other commands. */
export interface ServeState {
  pid: number;
  /** When the process began, in the kernel's ticks: with the pid it names one process for ever. */
  began: string;
  /** Of Temporal: host:port. */
  address: string;
  ui: string;
  specs: string;
  /** Absent in the foreground. */
  log?: string;
  /** ISO 8601; absent while it gets ready. */
  readySince?: string;
}

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
    const state = JSON.parse(readFileSync(servePaths(env).state, 'utf8')) as ServeState;
    return beganAt(state.pid) === state.began ? state : undefined;
  } catch {
    return undefined;
  }
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
  if (loadClientConnectConfig().connectionOptions.address === undefined) env.TEMPORAL_ADDRESS = served;
}

/** When a living process began, in ticks since the machine did; undefined for one that is gone. */
export function beganAt(pid: number): string | undefined {
  try {
    // The second field is a name in parentheses that may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
