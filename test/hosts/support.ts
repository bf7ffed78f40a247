import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { FenceToken } from '../../src/hosts/effects';
import { tryNumber } from '../../src/hosts/fence';
import type { DesiredService } from '../../src/model/desired';

/** A new folder for every test; removed after it. */
export function useHome(): { path: () => string } {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'belay-hosts-'));
    chmodSync(home, 0o700);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  return { path: () => home };
}

export const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

export const key = { platform: 'shop', service: 'api' };

/** The number of a step's first, second or third try. */
export const nth = (attempt: number, round = 1): number => tryNumber({ round, attempt });

export const token = (fields: Partial<FenceToken> = {}): FenceToken => ({
  ...key,
  epoch: 1,
  owner: { workflowId: 'release/shop/a', runId: 'run-a' },
  step: 'api/claim',
  attempt: nth(1),
  ...fields,
});

/** Loads TypeScript in a plain node, as jest does. */
const loader = `
  const { transformFileSync } = require('@swc/core');
  require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' }, swcrc: false }).code, file);
  require(process.argv[1]);`;

export interface Program {
  child: ChildProcess;
  /** The next line it writes; rejects when it ends first. */
  line(): Promise<string>;
  /** Its exit code or its signal. */
  ended: Promise<number | NodeJS.Signals | null>;
}

const running = new Set<ChildProcess>();

/** A real process that runs a program of `fixtures/`. */
export function start(fixture: string, ...args: string[]): Program {
  return startWith({}, fixture, ...args);
}

interface Circumstances {
  env?: NodeJS.ProcessEnv;
  /** Most KiB that it can write to a file. More fails as on a full disk, after a part was written. */
  fileLimit?: number;
}

export function startWith(
  { env = process.env, fileLimit }: Circumstances,
  fixture: string,
  ...args: string[]
): Program {
  const command = [process.execPath, '-e', loader, resolve(__dirname, 'fixtures', fixture), ...args];
  const limited = ['bash', '-c', `ulimit -f ${fileLimit}; trap "" XFSZ; exec "$@"`, 'bash', ...command];
  const [program, ...argv] = fileLimit === undefined ? command : limited;
  const child = spawn(program!, argv, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const ended = new Promise<number | NodeJS.Signals | null>((done) => {
    child.once('exit', (code, signal) => {
      running.delete(child);
      done(code ?? signal);
    });
  });
  const line = async () => {
    const next = await lines.next();
    if (next.done) throw new Error(`${fixture} ended without a line`);
    return next.value as string;
  };
  return { child, line, ended };
}

/** No process outlives its test. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Begins when it is called, and ends when it is told to. */
export function lasting() {
  let begin = () => {};
  let end = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  const act = async () => {
    begin();
    await told;
  };
  return { begun, end, act };
}

export const desired = (fields: Partial<DesiredService> = {}): DesiredService => ({
  service: 'api',
  artifact: { ref: 'registry/shop/api:1', digest: 'sha256:1', local: false },
  instances: 2,
  fingerprint: 'f1',
  environment: { PASSWORD: 'hmac' },
  ports: [8080],
  routes: [],
  strategy: { kind: 'rolling', surge: 1, unavailable: 0 },
  drain: { deadline: 30_000, at_deadline: 'proceed' },
  stop: { signal: 'SIGTERM', grace: 10_000 },
  keep: 3,
  on_failure: 'rollback',
  validate: [],
  warnings: [],
  ...fields,
});
