import { searchAttributeTypes } from '../../search-attributes';

/**
 * A new server polls each queue at most 20 times a second, and looks for timers once a second. A step would wait for 90
 * ms, and a retry after 200 ms would come after a whole second. It would also answer a page of another site that points
 * its own name at this address.
 */
const dynamicConfig = {
  'history.transferProcessorMaxPollRPS': 2000,
  'history.transferProcessorMaxPollHostRPS': 4000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollHostRPS': 4000,
  'history.timerProcessorMaxTimeShift': '100ms',
  'frontend.httpAllowedHosts': ['localhost', 'localhost:*', '127.0.0.1', '127.0.0.1:*'],
};

export const dynamicConfigArguments = Object.entries(dynamicConfig).flatMap(([key, value]) => [
  '--dynamic-config-value',
  `${key}=${JSON.stringify(value)}`,
]);

/**
 * A write-ahead log: a commit is as safe as with the default journal. It waits for the disk once instead of several
 * times.
 */
const journal = ['--sqlite-pragma', 'journal_mode=WAL'];

export interface ServePorts {
  port: number;
  uiPort: number;
}

/** Returns the arguments of the embedded Temporal, on loopback only. Pure. */
export function temporalArguments({ database, port, uiPort }: ServePorts & { database: string }): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn'],
    ...['--db-filename', database, ...journal, '--port', `${port}`, '--ui-port', `${uiPort}`],
    ...Object.entries(searchAttributeTypes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...dynamicConfigArguments,
  ];
}

/** Returns the environment of the worker beside it, without other settings for Temporal. Pure. */
export function workerEnvironment(
  env: NodeJS.ProcessEnv,
  { address, specs }: { address: string; specs: string },
): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(own), TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default', BELAY_SPECS: specs };
}
