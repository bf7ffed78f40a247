import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { BelayError } from '../../errors';
import { signalNumber } from '../../signals';
import type { Evidence, HeldChildren, Run } from '../evidence';
import { processesOf } from './processes';
import { type Ready, untilReady } from './ready';
import { begin, ended, kill, sent } from './signals';
import { stop } from './stop';
import type { Subject } from './subject';
import { since } from './watch';

/** Longest settling and waiting of the runs after the first one, in milliseconds. */
const laterSettle = 1_000;
const laterWait = 10_000;

/** Stops the instance several times, and starts it again in between. It exists, and was never started. */
export async function performDrill(subject: Subject): Promise<Evidence> {
  const { scenario, say } = subject;
  say('starts the instance');
  const began = performance.now();
  let found = await started(subject);
  const readyAfter = Math.round(performance.now() - began);
  say('lets it settle');
  await sleep(scenario.settle, undefined, { signal: subject.signal });
  const signal = scenario.stop.signal ?? found.view.instance.stopSignal;
  const { killsAfter = Number.POSITIVE_INFINITY, orphans } = found.view;
  const wait = Math.min(scenario.wait, killsAfter);
  say(`sends ${signal}`);
  const first = await stop(subject, found, { signal, wait, stop: true, idle: true });
  const evidence: Evidence = {
    signal,
    wait,
    ...(found.at && { asked: found.at.path === undefined ? ('tcp' as const) : ('http' as const) }),
    readyAfter,
    first,
    ...(orphans && { orphans }),
  };
  const later = Math.min(wait, Math.max(laterWait, 2 * (first.exit?.after ?? 0)));
  try {
    say('starts it again');
    found = await startedAgain(subject);
    evidence.second = await stop(subject, found, { signal, wait: later, stop: true, twice: true });
    if (signalNumber(signal) !== constants.signals.SIGINT) {
      say('sends SIGINT');
      evidence.interrupt = await stop(subject, await startedAgain(subject), { signal: 'SIGINT', wait: later });
    }
    if (first.exit && first.children && !orphans) {
      say('holds its children back');
      const held = await stopWithoutChildren(subject, await startedAgain(subject), { signal, first });
      if (held) evidence.held = held;
    }
  } catch (error) {
    if (!isNotReady(error)) throw error;
    evidence.notAgain = error.message.replace('the instance of the drill ', 'it ');
  }
  return evidence;
}

async function started(subject: Subject): Promise<Ready> {
  subject.signal.throwIfAborted();
  await subject.drills.start(subject.name);
  return await untilReady(subject);
}

async function startedAgain(subject: Subject): Promise<Ready> {
  const found = await started(subject);
  await sleep(Math.min(subject.scenario.settle, laterSettle), undefined, { signal: subject.signal });
  return found;
}

const isNotReady = (error: unknown): error is BelayError =>
  error instanceof BelayError && (error.code === 'not-ready' || error.code === 'instance-exited');

/**
 * Stops the instance while its children are frozen. A program that waits for them cannot end; one that does not wait
 * ends all the same. Undefined where this user may not freeze them.
 */
async function stopWithoutChildren(
  subject: Subject,
  { view: { pid } }: Ready,
  { signal, first }: { signal: string; first: Run },
): Promise<HeldChildren | undefined> {
  const children = pid === undefined ? [] : ((await processesOf(pid, signal))?.descendants ?? []);
  const frozen = children.filter((one) => !one.zombie && sent(one.pid, 'SIGSTOP'));
  if (pid === undefined || frozen.length === 0) return undefined;
  await begin(subject, { signal });
  const began = performance.now();
  const isOver = await ended(subject, first.exit!.after + 1_000);
  const after = since(began);
  if (!isOver) await kill(subject);
  return { ...(isOver && { after }), names: frozen.map(({ name }) => name) };
}
