import { DefaultLogger, type LogEntry, type Logger } from '@temporalio/worker';
import pino from 'pino';
import type { WorkerConfig } from './config';

/** One JSON object a line on standard error; steps' lines carry release, service, step and instance. */
export function createLogger(level: WorkerConfig['logLevel']): Logger {
  const log = pino({ level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  const write = ({ level, message, meta }: LogEntry) => log[levels[level]](plain(meta), message);
  return new DefaultLogger(level === 'warn' ? 'WARN' : (level.toUpperCase() as 'DEBUG' | 'INFO' | 'ERROR'), write);
}

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

const plain = (meta: LogEntry['meta'] = {}): object =>
  Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, value instanceof Error ? value.message : value]));
