import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import { beginDrain, endDrain } from '../../src/hosts/drains';
import type { DrainStep } from '../../src/model/plan';
import { type Place, placesOf, proxiesOf } from '../../src/observe/proxies';
import { measureDrain, measureInFlight } from '../measures';
import { type Counts, drainingNote, drainNote, has, type Left, uncounted, weakest } from './drain-words';
import { growing } from './rhythm';
import { type Turn, takeTurn } from './turn';

/** Milliseconds between the two looks that both have to find no request, and the longest pause between others. */
const apart = 50;
const most = 1_000;
/** Longest time in milliseconds for the last requests of a client that stays with an instance. */
const lastRequests = 5_000;

/**
 * Waits until two looks in a row find no request in flight, or until the deadline, which the note tells. Then frees the
 * instance's servers. The host keeps the start of the drain, so that a new worker does not start the time anew.
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
        counts: weakest(step.instance.slots.map(({ proxy }) => open.of(proxy).capabilities.inFlight)),
        giveUp: () => endDrain(key),
      };
      const cut = await (step.sticky ? keepThenWait : waitForZero)(turn, draining);
      await takeOut(turn, draining);
      await endDrain(key);
      const end = { left: cut, time: Date.now() - startedAt, counts: draining.counts };
      const isNumber = cut !== uncounted && end.counts !== 'workers';
      measureDrain(turn.token, { time: end.time, left: isNumber ? cut : 0 });
      return { note: drainNote(step, end) };
    });

/** Sticky clients send requests until the servers are out, so wait for the last ones after that. */
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
  /** What its proxies count. */
  counts: Counts;
  /** Makes the next try wait anew. */
  giveUp: () => Promise<void>;
}

/** Returns the requests in flight at the deadline: 0 after a complete drain, `uncounted` if a proxy cannot count. */
async function waitForZero(turn: Turn, { step, until, places, counts, giveUp }: Draining): Promise<Left> {
  const isCounted = counts !== 'unknown';
  let zeros = 0;
  const longer = growing(most);
  const left = () => Math.max(1, until - Date.now());
  const pause = () => (zeros > 0 ? apart : Math.min(longer(), left()));
  return await turn.until(pause, async () => {
    const inFlight = (await places()).reduce((sum, { server }) => sum + (server.inFlight ?? 0), 0);
    zeros = inFlight === 0 && isCounted ? zeros + 1 : 0;
    turn.say(drainingNote(counts, inFlight));
    if (counts !== 'workers') measureInFlight(turn.token, inFlight);
    if (zeros >= 2) return 0;
    if (Date.now() < until) return undefined;
    if (inFlight === 0) return isCounted ? 0 : uncounted;
    if (step.at_deadline === 'proceed') return inFlight;
    await giveUp();
    throw new BelayError(
      'drain-deadline',
      `${step.instance.name} has ${has(counts, inFlight)} after ${step.deadline / 1000} s`,
      {
        hint: '`belay retry` waits again, `belay skip` goes on without waiting, `belay rollback` rolls back',
      },
    );
  });
}
