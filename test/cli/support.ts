import pc from 'picocolors';
import type { Context } from '../../src/cli/context';
import { run } from '../../src/cli/run';
import type { Terminal } from '../../src/cli/terminal';
import type { Plan } from '../../src/model/plan';
import type { ReleaseStatus, StepStatus } from '../../src/model/status';

export const plain = pc.createColors(false);

/** A terminal that keeps what is written to it. */
export function fakeTerminal(): Terminal & { text(): string; errors(): string } {
  const written: string[] = [];
  const wrong: string[] = [];
  return {
    out: (text) => void written.push(text),
    error: (text) => void wrong.push(text),
    live: false,
    colors: plain,
    text: () => written.join('\n'),
    errors: () => wrong.join('\n'),
  };
}

export const fakeContext = (fields: Partial<Context> = {}): Context => ({
  terminal: fakeTerminal(),
  env: {},
  cwd: '/',
  interrupted: new AbortController().signal,
  code: 0,
  ...fields,
});

export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** One command line, and all that came of it. */
export async function belay(argv: string[], fields: Partial<Context> = {}): Promise<Ended> {
  const terminal = fakeTerminal();
  const code = await run(argv, fakeContext({ ...fields, terminal }));
  return { code, out: terminal.text(), err: terminal.errors() };
}

const image = (tag: number) => ({ ref: `shop/api:${tag}`, digest: `sha256:${String(tag).repeat(64)}`, local: false });

const ref = (name: string, revision: number) => ({ name, revision, ports: {}, slots: [] });

/** One instance replaced by another: enough of a plan to be shown. */
export function samplePlan(fields: Partial<Plan> = {}): Plan {
  const base = { service: 'api', host: 'web-1', epoch: 2 };
  const [before, after] = [ref('shop-api-r1-1', 1), ref('shop-api-r2-1', 2)];
  const common = { fingerprint: 'f', instance: after };
  return {
    format: 1,
    platform: 'shop',
    host: 'web-1',
    engine: 'e',
    steps: [
      { ...base, kind: 'launch', id: 'api/launch', needs: [], ...common },
      { ...base, kind: 'probe', id: 'api/probe', needs: ['api/launch'], instance: after },
      { ...base, kind: 'swap', id: 'api/swap', needs: ['api/launch', 'api/probe'], enter: after, leave: before },
      {
        ...base,
        kind: 'drain',
        id: 'api/drain',
        needs: ['api/swap'],
        instance: before,
        deadline: 1,
        at_deadline: 'proceed',
      },
      {
        ...base,
        kind: 'approve',
        id: 'api/approve',
        needs: ['api/launch', 'api/probe', 'api/drain'],
        question: 'go on?',
      },
    ],
    undo: [
      { ...base, kind: 'swap', id: 'api/undo/swap', undoes: 'api/swap', needs: [], enter: before, leave: after },
      {
        ...base,
        kind: 'drain',
        id: 'api/undo/drain',
        undoes: 'api/launch',
        needs: ['api/undo/swap'],
        instance: after,
        deadline: 1,
        at_deadline: 'proceed',
      },
    ],
    onFailure: { api: 'rollback' },
    services: [
      {
        service: 'api',
        from: { revision: 1, artifact: image(1), instances: 2 },
        to: { revision: 2, artifact: image(2), instances: 1 },
        environment: { added: ['ADDED'], removed: ['GONE'], changed: ['OTHER'] },
        unchanged: false,
      },
      {
        service: 'web',
        to: { revision: 4, artifact: image(4), instances: 1 },
        environment: { added: [], removed: [], changed: [] },
        unchanged: true,
      },
    ],
    warnings: ['api: has no health.ready'],
    proxies: {},
    source: { folder: '/shop', versions: {}, files: {} },
    ...fields,
  };
}

/** A release in the middle of its work. */
export const status = (fields: Partial<ReleaseStatus> = {}): ReleaseStatus => ({
  version: 1,
  kind: 'release',
  platform: 'shop',
  phase: 'releasing',
  paused: false,
  by: 'ana',
  reason: '',
  steps: {},
  waiting: [],
  heard: [],
  ...fields,
});

export const at = (second: number): string => new Date(Date.UTC(2025, 0, 1, 0, 0, second)).toISOString();

export const done = (from: number, to: number, note?: string): StepStatus => ({
  state: 'done',
  startedAt: at(from),
  endedAt: at(to),
  ...(note && { note }),
});
export const running = (from: number, note?: string): StepStatus => ({
  state: 'running',
  startedAt: at(from),
  ...(note && { note }),
});
