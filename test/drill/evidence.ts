import type { Evidence, Run } from '../../src/drill/evidence';

/** A stop by the book: it refuses new requests, answers those in flight, and exits with 0. */
export const goodRun = (more: Partial<Run> = {}): Run => ({
  leader: { name: 'node', shell: false, catches: true, handles: true },
  exit: { after: 300, code: 0 },
  flight: { requests: 8, cut: 0 },
  requests: [
    { at: 2, reply: 'answered' },
    { at: 152, reply: 'refused' },
  ],
  readiness: [
    { at: 2, ready: true },
    { at: 152, ready: false },
  ],
  zombies: 0,
  children: 0,
  log: '',
  ...more,
});

export const goodDrill = (first: Partial<Run> = {}, more: Partial<Evidence> = {}): Evidence => ({
  signal: 'SIGTERM',
  wait: 30_000,
  asked: 'http',
  readyAfter: 400,
  first: goodRun(first),
  second: goodRun({ twice: true }),
  interrupt: goodRun(),
  ...more,
});
