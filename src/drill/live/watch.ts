import { setTimeout as sleep } from 'node:timers/promises';
import type { NewRequest, Run } from '../evidence';
import { newRequest } from './clients';
import { hostOf, type Ready } from './ready';
import type { Subject } from './subject';

/** Milliseconds between two questions. */
const every = 150;

/** The whole milliseconds since then. */
export const since = (began: number): number => Math.round(performance.now() - began);

/** Asks the instance after the signal, until `end` or the end of the drill. */
export function watchAfter(subject: Subject, { began, view, at }: Ready & { began: number }) {
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, subject.signal]);
  const requests: NewRequest[] = [];
  const readiness: NonNullable<Run['readiness']> = [];
  const { ready } = subject.scenario;
  // Docker's own health is seconds old, and a line of the log stays.
  const isAsked = ready !== undefined && ready.docker === undefined && ready.log === undefined;
  const http = at?.path === undefined ? undefined : at;
  const repeat = async (look: (at: number) => Promise<void>) => {
    while (!either.aborted) {
      await look(since(began)).catch(() => undefined);
      await sleep(every, undefined, { signal: either }).catch(() => undefined);
    }
  };
  const loops = [
    http &&
      repeat(async (time) => {
        const reply = await newRequest(http);
        if (!over.signal.aborted) requests.push({ at: time, reply });
      }),
    isAsked &&
      repeat(async (time) => {
        const said = await subject.check(view, ready, hostOf(at));
        if (!over.signal.aborted) readiness.push({ at: time, ready: said.healthy });
      }),
  ];
  return {
    async end() {
      over.abort();
      await Promise.all(loops);
      return { requests, ...(isAsked && { readiness }) };
    },
  };
}
