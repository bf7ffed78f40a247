import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { InstanceRef, ValidateStep } from '../../src/model/plan';
import { oneLook, type Proxies, placesOf, proxiesOf } from '../../src/observe/proxies';
import type { ProbeResult } from '../../src/probes/probe';
import { unhealthy } from '../../src/probes/probe-result';
import { targetOf } from '../../src/probes/target';
import type { RuntimeInstance } from '../../src/runtimes/runtime';
import { askedPort } from '../../src/spec/checks';
import { running, waysInto } from './probe';
import { admit, takeNoMore } from './swap';
import type { Turn } from './turn';

/** The liveness of watched instances. A look never waits for a check. */
export interface Liveness {
  /**
   * Asks the instance if it is time. Once it has failed too often in a row, takes it out of traffic and throws
   * `not-live`.
   */
  look(ref: InstanceRef, found: RuntimeInstance): Promise<void>;
  /** The instance has started again, with the host or by hand: its failures count once it is live. */
  restarted(ref: InstanceRef): void;
  /** Returns a sentence on each instance that failed its latest check. */
  failing(): string[];
}

interface Asked {
  /** Milliseconds of the next check. */
  due: number;
  /** The failure of the latest check. */
  why?: string;
  /** The error that ended a check. */
  error?: unknown;
}

/**
 * Counts the failures of an instance once it is in traffic; before, its probe judges it. Without a route it is in
 * traffic from its first success on. The counts stand in the turn's memory, and go on after a worker's death.
 */
export function liveness(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Liveness {
  const { live } = input.step;
  const asked = new Map<string, Asked>();
  if (!live) return { look: async () => undefined, restarted: () => undefined, failing: () => [] };
  const open = proxiesOf(deps, input);
  const { memory } = turn;

  const ask = async (ref: InstanceRef, found: RuntimeInstance, one: Asked): Promise<void> => {
    const result = await askLive(deps, input.step, turn, { ref, found });
    const key = keyOf(ref);
    one.due = Date.now() + live.every;
    one.why = result.healthy ? undefined : result.why;
    if (result.healthy && (key in memory || ref.slots.length === 0)) memory[key] = '0';
    else if (!result.healthy && key in memory && memory[key] !== starts) memory[key] = String(Number(memory[key]) + 1);
  };

  const isIn = async (ref: InstanceRef): Promise<boolean> =>
    (await placesOf(open, ref)).some(({ server }) => server.state === 'ready');

  return {
    async look(ref, found) {
      const one = asked.get(ref.name) ?? { due: 0 };
      asked.set(ref.name, one);
      if (one.error) throw one.error;
      const key = keyOf(ref);
      if (!(key in memory) && (await isIn(ref))) memory[key] = '0';
      const failures = Number(memory[key] ?? 0);
      if (failures >= live.failures && one.why !== undefined) {
        const isOut = await takeOut(open, turn, ref);
        throw notLive(ref, { failures, why: one.why, isOut });
      }
      if (Date.now() < one.due) return;
      one.due = Number.POSITIVE_INFINITY;
      ask(ref, found, one).catch((error) => {
        one.error = error;
      });
    },
    restarted(ref) {
      memory[keyOf(ref)] = starts;
    },
    failing: () =>
      [...asked].flatMap(([name, { why }]) =>
        why !== undefined && keyOf({ name }) in memory ? [`${name}: ${why}`] : [],
      ),
  };
}

/**
 * Asks each instance until it was live once. One that fails too often in a row is taken out of traffic, and throws
 * `not-live`; without a route it has `untilLive`. The counts go on after a worker's death.
 */
export async function provenLive(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const { step } = input;
  const live = step.live!;
  await Promise.all(
    step.instances.map(async (ref) => {
      const key = keyOf(ref);
      let due = 0;
      await turn.until(
        () => Math.max(1, Math.min(patience, due - Date.now())),
        async () => {
          if (Date.now() < due) return undefined;
          due = Date.now() + live.every;
          const found = await turn.find(ref);
          const result = found ? await askLive(deps, step, turn, { ref, found }) : unhealthy('it is gone');
          if (result.healthy) {
            turn.memory[key] = '0';
            return true;
          }
          const failures = Number(turn.memory[key] ?? 0) + 1;
          turn.memory[key] = String(failures);
          turn.say(`${ref.name}: ${result.why}`);
          const isStarting = ref.slots.length === 0 && turn.elapsed() < untilLive;
          if (failures < live.failures || isStarting) return undefined;
          throw notLive(ref, { failures, why: result.why, isOut: await takeOut(proxiesOf(deps, input), turn, ref) });
        },
      );
    }),
  );
  return { note: `${step.instances.length} of ${step.instances.length} live` };
}

const patience = 500;
/** Milliseconds for an instance without a route to be live: none of its requests can fail before. */
const untilLive = 60_000;

/**
 * Ensures that instances which had come into traffic run, and are there again once they are live. A person has mended
 * them since the watch failed. Throws `instance-exited` for one that does not run.
 */
export async function bringBack(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<void> {
  const { admitted = [], chosen = [], step } = input;
  const open = proxiesOf(deps, input);
  for (const ref of step.instances.filter(({ name }) => admitted.includes(name))) {
    await running(deps, turn, ref);
    const places = await placesOf(open, ref);
    if (!step.live || places.every(({ server }) => server.state === 'ready')) continue;
    await turn.until(patience, async () => {
      const result = await askLive(deps, step, turn, { ref, found: await running(deps, turn, ref) });
      if (!result.healthy) turn.say(`waits until ${ref.name} is live, to bring it back: ${result.why}`);
      return result.healthy || undefined;
    });
    const weight = places[0]?.server.weight;
    const isChosen = chosen.includes(ref.name) && { chosen: true as const };
    await admit(deps, turn, { open, instance: ref, weight, ...isChosen, staged: true });
  }
}

/** Asks an instance once. */
async function askLive(
  deps: Deps,
  { live, direct }: ValidateStep,
  turn: Turn,
  { ref, found }: { ref: InstanceRef; found: RuntimeInstance },
): Promise<ProbeResult> {
  const check = { ...live!, healthy: 1, within: 0, grace: 0 };
  const ways = waysInto(deps, await turn.runtimeAt(ref.revision), { ...turn.token, name: ref.name });
  return await deps.probe({ ...targetOf(found, askedPort(check), direct), ...ways, check, signal: turn.signal });
}

/** The count of an instance that starts again. */
const starts = 'starts';

const keyOf = ({ name }: Pick<InstanceRef, 'name'>): string => `live ${name}`;

/** Takes the instance out of traffic wherever another one serves. Returns false if it still serves somewhere. */
async function takeOut(open: Proxies, turn: Turn, ref: InstanceRef): Promise<boolean> {
  const look = oneLook(open);
  let isOut = ref.slots.length > 0;
  for (const place of await placesOf(open, ref)) {
    const others = (await look(place.slot)).filter(
      ({ server, state, check }) => server !== place.slot.server && state === 'ready' && check !== 'failing',
    );
    if (others.length > 0) await takeNoMore(turn, place);
    else isOut = false;
  }
  return isOut;
}

function notLive(
  { name, slots }: InstanceRef,
  { failures, why, isOut }: { failures: number; why: string; isOut: boolean },
): BelayError {
  const where = isOut
    ? '; it is out of traffic'
    : slots.length > 0
      ? '; no other instance stands in for it, so it stays'
      : '';
  const times = failures === 1 ? 'once' : `${failures} times in a row`;
  return new BelayError('not-live', `${name} failed health.live ${times}: ${why}${where}`, {
    hint: 'see its log, and health.live in belay.yaml',
  });
}
