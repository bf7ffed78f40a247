import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import { beginDrain, endDrain } from '../../src/hosts/drains';
import type { DrainStep } from '../../src/model/plan';
import { type Place, placesOf, proxiesOf } from '../../src/observe/proxies';
import { measureDrain, measureInFlight } from '../measures';
import { growing } from './rhythm';
import { type Turn, takeTurn } from './turn';

/** Milliseconds between two looks that both have to find nothing, and the most between others. */
const apart = 50;
const most = 1_000;
/** Where the proxy does not count, all that is sure is that the whole time has passed. */
const uncounted = 'uncounted';
type Left = number | typeof uncounted;
/** What a client that stays with an instance has sent last may take so long, in milliseconds. */
const lastRequests = 5_000;

/**
 * Nothing is in flight on the instance, seen twice in a row, or the deadline has passed and that is said; its servers are
 * free for another. When the drain began is kept on the host, so that a new worker does not start the time anew.
 */
export const drain =
  (deps: Deps) =>
  (input: StepInput<DrainStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { step } = input;
      const key = { home: deps.home, ...turn.token, instance: step.instance.name };
      const open = proxiesOf(deps, input);
      const startedAt = await turn.effect('drain.begin', () => beginDrain(key));
      const draining = {
        step,
        until: startedAt + step.deadline,
        places: () => placesOf(open, step.instance),
        isCounted: step.instance.slots.every(({ proxy }) => open.of(proxy).capabilities.inFlight === 'counted'),
        giveUp: () => endDrain(key),
      };
      const cut = await (step.sticky ? keepThenWait : waitForZero)(turn, draining);
      await takeOut(turn, draining);
      await endDrain(key);
      const end = { left: cut, time: Date.now() - startedAt };
      measureDrain(turn.token, { ...end, left: cut === uncounted ? 0 : cut });
      return { note: drainNote(step, end) };
    });

/** How a drain ended, `time` in milliseconds. Nothing is called drained that was not: who comes past the proxy is named. Pure. */
export function drainNote(
  { leaders = [] }: Pick<DrainStep, 'leaders'>,
  { left, time }: { left: Left; time: number },
): string {
  if (left === uncounted) return `waited ${(time / 1000).toFixed(1)} s: a proxy does not count what is in flight`;
  const counted = left === 0 ? 'nothing in flight' : `${left} still in flight at the deadline,`;
  const past = leaders.length > 0 ? ` at the proxy; not counted: what comes past it by ${leaders.join(' and ')}` : '';
  return `${counted} after ${(time / 1000).toFixed(1)} s${past}`;
}

/** Its clients go on to send to it until its servers are out: what they sent last is waited for after that. */
async function keepThenWait(turn: Turn, { step, ...draining }: Draining): Promise<Left> {
  await waitForZero(turn, { ...draining, step: { ...step, at_deadline: 'proceed' } });
  await takeOut(turn, draining);
  const until = Math.max(draining.until, Date.now() + Math.min(step.deadline, lastRequests));
  return await waitForZero(turn, { ...draining, step, until });
}

async function takeOut(turn: Turn, { places }: Pick<Draining, 'places'>): Promise<void> {
  for (const { proxy, slot, server } of await places()) {
    if (server.state !== 'maint') await turn.effect('drain.remove', () => proxy.remove(slot));
  }
}

interface Draining {
  step: DrainStep;
  /** Milliseconds since 1970. */
  until: number;
  places: () => Promise<Place[]>;
  /** All of its proxies count what is in flight. */
  isCounted: boolean;
  /** The next try waits anew. */
  giveUp: () => Promise<void>;
}

/** How many requests were still in flight when it was given up; 0 when it ended well, `uncounted` where nobody can tell. */
async function waitForZero(turn: Turn, { step, until, places, isCounted, giveUp }: Draining): Promise<Left> {
  let zeros = 0;
  const longer = growing(most);
  const left = () => Math.max(1, until - Date.now());
  const pause = () => (zeros > 0 ? apart : Math.min(longer(), left()));
  return await turn.until(pause, async () => {
    const inFlight = (await places()).reduce((sum, { server }) => sum + (server.inFlight ?? 0), 0);
    zeros = inFlight === 0 && isCounted ? zeros + 1 : 0;
    turn.say(isCounted || inFlight > 0 ? `${inFlight} in flight` : 'waits: a proxy does not count what is in flight');
    measureInFlight(turn.token, inFlight);
    if (zeros >= 2) return 0;
    if (Date.now() < until) return undefined;
    if (inFlight === 0) return isCounted ? 0 : uncounted;
    if (step.at_deadline === 'proceed') return inFlight;
    await giveUp();
    throw new BelayError(
      'drain-deadline',
      `${step.instance.name} has ${inFlight} requests in flight after ${step.deadline / 1000} s`,
      {
        hint: '`belay retry` waits again, `belay skip` goes on without waiting, `belay rollback` turns back',
      },
    );
  });
}
