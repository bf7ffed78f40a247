import { join } from 'node:path';
import { BelayError } from '../../errors';
import { makeFolder, writeAtomic } from '../../hosts/file';
import { belayHome } from '../../hosts/home';
import { beganAt } from '../../hosts/workers';
import { packageRoot } from '../../package-root';
import type { Context } from '../context';
import { exitCodes } from '../exit-codes';
import { temporalArguments, workerEnvironment } from './arguments';
import { type Child, type ChildOptions, keepRunning } from './child';
import { renderServe } from './render';
import type { Settings } from './settings';
import { type ServeState, servePaths } from './state';
import { aborted, untilTold } from './stop-signal';
import { fitTemporalFile } from './temporal-file';

const patience = 60_000;

/** Runs Temporal and a worker until a stop signal; the worker ends first. */
export async function serveHere(context: Context, settings: Settings, log?: string): Promise<number> {
  const { env, terminal } = context;
  const paths = servePaths(env);
  const told = untilTold(context);
  const state: ServeState = {
    format: 1,
    pid: process.pid,
    began: beganAt(process.pid)!,
    address: settings.address,
    ui: settings.ui,
    specs: settings.specs,
    log,
  };
  const children: Child[] = [];
  await makeFolder(paths.folder);
  await writeState(paths.state, state);
  try {
    for (const begin of [startTemporal, startWorker]) {
      if (!told.aborted) await begin({ context, settings, children, told });
    }
    if (!told.aborted) {
      const ready = { ...state, readySince: new Date().toISOString() };
      await writeState(paths.state, ready);
      terminal.out(renderServe(ready, terminal.colors));
      process.send?.('ready');
      await aborted(told);
    }
    terminal.error('stopping');
  } finally {
    for (const child of children.reverse()) await child.stop();
  }
  return exitCodes.ok;
}

const writeState = (path: string, state: ServeState): Promise<void> =>
  writeAtomic({ path, data: `${JSON.stringify(state, null, 2)}\n` });

interface Start {
  context: Context;
  settings: Settings;
  /** Receives the started children. */
  children: Child[];
  told: AbortSignal;
}

async function startTemporal({ context, settings, children, told }: Start): Promise<void> {
  const { temporalReady } = require('./ready') as typeof import('./ready');
  const { database } = servePaths(context.env);
  const { program } = settings;
  const said = await fitTemporalFile({ database, program, home: belayHome(context.env) });
  if (said) context.terminal.error(said);
  const args = temporalArguments({ ...settings, database });
  const child = { name: 'Temporal', command: program, args, env: context.env };
  await whenReady({ context, children, told, child, ready: (signal) => temporalReady(settings.address, signal) });
}

async function startWorker({ context, settings, children, told }: Start): Promise<void> {
  const main = join(packageRoot, 'dist', 'src', 'worker', 'main.js');
  const quiet = context.terminal.live ? { BELAY_LOG: 'warn' } : {};
  const env = { ...quiet, ...workerEnvironment(context.env, settings) };
  let begun = () => {};
  const ready = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const onLine = (line: string) => line === 'worker: ready' && begun();
  await whenReady({
    context,
    children,
    told,
    child: { name: 'the worker', command: process.execPath, args: [main], env },
    ready: () => ready,
    onLine,
  });
}

interface Awaited {
  context: Context;
  children: Child[];
  told: AbortSignal;
  child: Pick<ChildOptions, 'name' | 'command' | 'args' | 'env'>;
  ready(signal: AbortSignal): Promise<void>;
  onLine?(line: string): void;
}

/** A first start that fails would fail again; later ends are followed by a restart. */
async function whenReady({ context: { terminal }, children, told, child, ready, onLine }: Awaited): Promise<void> {
  const failed = new AbortController();
  let isReady = false;
  let last = '';
  const fail = (why: string) => failed.abort(notReady(child.name, why, last));
  const timer = setTimeout(() => fail(`not within ${patience / 1000} s`), patience);
  children.push(
    keepRunning({
      ...child,
      onLine(line) {
        last = line;
        onLine?.(line);
        terminal.error(line);
      },
      onCrash(how, wait) {
        if (!isReady) fail(`it ended with ${how}`);
        else terminal.error(`${child.name} ended with ${how}; started again in ${wait / 1000} s`);
      },
    }),
  );
  try {
    await Promise.race([ready(failed.signal), aborted(told), aborted(failed.signal)]);
    if (failed.signal.aborted) throw failed.signal.reason;
    isReady = true;
  } finally {
    clearTimeout(timer);
    failed.abort();
  }
}

const notReady = (name: string, why: string, last: string): BelayError =>
  new BelayError('temporal-unreachable', `${name} did not get ready: ${why}${last && `; it said: ${last}`}`, {
    hint: 'fix that, and start belay serve again',
  });
