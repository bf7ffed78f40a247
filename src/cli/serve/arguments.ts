import { searchAttributeTypes } from '../../search-attributes';

/**
 * A new server polls each queue 20 times a second at most, and looks for timers once a second. A step would wait for 90
 * ms, and a retry after 200 ms would come after a whole second. It would answer a page of another site that gives its own
 * name this address, too.
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

/** A write-ahead log: a commit is as safe as with the default journal, and waits for the disk once instead of several times. */
const journal = ['--sqlite-pragma', 'journal_mode=WAL'];

export interface ServePorts {
  port: number;
  uiPort: number;
}

/** The command line of the embedded Temporal, on loopback only. Pure. */
export function temporalArguments({ database, port, uiPort }: ServePorts & { database: string }): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn'],
    ...['--db-filename', database, ...journal, '--port', `${port}`, '--ui-port', `${uiPort}`],
    ...Object.entries(searchAttributeTypes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...dynamicConfigArguments,
  ];
}

/** The environment of the worker beside it: whatever else was said of Temporal is not meant for it. Pure. */
export function workerEnvironment(
  env: NodeJS.ProcessEnv,
  { address, specs }: { address: string; specs: string },
): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(own), TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default', BELAY_SPECS: specs };
}
