import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { accepts } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';

const services = join(__dirname, '..', '..', 'examples', 'shannon', 'services');

/** Installs the packages of the stand-ins in the example's own folder. */
export function installStandIns(): void {
  if (existsSync(join(services, 'node_modules', '.package-lock.json'))) return;
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: services, stdio: 'pipe' });
}

export interface StandIn {
  signal(name: NodeJS.Signals): void;
  /** Its exit code, once it has ended. */
  exit: Promise<number | null>;
}

/** Starts a service of the example as a process; `ports` are those that it opens. */
export async function startStandIn(
  name: string,
  { ports, env }: { ports: number[]; env: Record<string, string | number> },
): Promise<StandIn> {
  const texts = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]));
  const child = spawn(process.execPath, [join(services, `${name}.js`)], {
    env: { PATH: process.env.PATH, VERSION: `${name}-1`, ...texts },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors = text(child.stderr);
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  started.push(() => child.kill('SIGKILL') && exit);
  const open = async () => (await Promise.all(ports.map(accepts))).every(Boolean);
  const ended = exit.then(async (code) => {
    throw new Error(`${name} ended with ${code} before it was ready: ${await errors}`);
  });
  await Promise.race([waitFor({ what: `${name} at ${ports}`, until: open }), ended]);
  ended.catch(() => undefined);
  return { signal: (signal) => child.kill(signal), exit };
}

/** Ends, in reverse order, what the test started. */
export async function stopStandIns(): Promise<void> {
  while (started.length > 0) await started.pop()!();
}

const started: (() => unknown)[] = [];

type Handler = (request: never) => Promise<unknown>;

/** An orchestrator whose answers the test gives, at this port. */
export async function startOrchestrator(port: number, handlers: Record<string, Handler>): Promise<void> {
  const { serveGrpc, serviceOf } = require(join(services, 'lib', 'grpc.js')) as Grpc;
  const definition = serviceOf('orchestrator', 'OrchestratorService');
  const service = { name: 'orchestrator', version: 'test', log: () => undefined };
  const { stop } = await serveGrpc({ service, port, definition, handlers });
  started.push(stop);
}

interface Grpc {
  serviceOf(file: string, name: string): unknown;
  serveGrpc(options: object): Promise<{ stop(): Promise<void> }>;
}

/** Returns an error for a handler to throw. The numbers are gRPC's own. */
export const rpcError = (code: number): Error => Object.assign(new Error(`status ${code}`), { code });
export const [INTERNAL, NOT_FOUND, UNAUTHENTICATED] = [13, 5, 16];
