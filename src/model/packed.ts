import type { Plan, Step } from './plan';

/**
 * A long plan as it travels. `parts` holds the common parts of steps once, and steps name their needs by position. A
 * payload has a limit, and needs grow with the square of the instances.
 */
export interface PackedPlan extends Omit<Plan, 'steps' | 'undo'> {
  packed: 1;
  /** Common parts. Steps refer to them as `{ "$": 3 }`, in former plans as `{ "$part": 3 }`; a part only to earlier parts. */
  parts: unknown[];
  steps: PackedStep[];
  undo: PackedStep[];
}

type PackedStep = Pick<Step, 'id'> & {
  /** The place of a step of the way there, or its id. */
  undoes?: number | string;
  like: unknown;
  needs: Run[];
  until?: Run[];
} & Record<string, unknown>;

/** One step's position in its graph, or first, last and stride of several, or the id of a step outside. */
type Run = number | [first: number, last: number, stride: number] | string;

/** A message that carries a plan, in the form in which it travels. */
export type Carried<T extends { plan?: Plan }> = Omit<T, 'plan'> & { plan?: Plan | PackedPlan };

/** People read a plan of this many steps in Temporal's Web UI; a longer plan is packed. */
const readable = 60;
/** Shorter texts are not worth a reference. */
const shortest = 24;

/** The plan, packed if it is long. `unpackPlan` returns the same plan. Pure. */
export function packPlan(plan: Plan): Plan | PackedPlan {
  if (plan.steps.length <= readable) return plan;
  const parts = createParts();
  const steps = packGraph(plan.steps, parts.put);
  const places = placesIn(plan.steps);
  const undo = packGraph(plan.undo, parts.put).map((step, index) => {
    const { undoes } = plan.undo[index]!;
    return { ...step, ...(undoes !== undefined && { undoes: places.get(undoes) ?? undoes }) };
  });
  return { ...plan, packed: 1, parts: parts.all, steps, undo };
}

export function unpackPlan(given: Plan | PackedPlan): Plan {
  if (!('packed' in given)) return given;
  const { packed, parts, ...plan } = given;
  const known: unknown[] = [];
  for (const part of parts) known.push(fill(part, known));
  const undo = unpackGraph(plan.undo, known).map((step, index) => {
    const { undoes } = plan.undo[index]!;
    return undoes === undefined ? step : { ...step, undoes: idAt(plan.steps, undoes) };
  });
  return { ...plan, steps: unpackGraph(plan.steps, known), undo };
}

/** A status or a result with its plan unpacked. */
export const unpacked = <T extends { plan?: Plan }>(carried: Carried<T>): T =>
  ({ ...carried, ...(carried.plan && { plan: unpackPlan(carried.plan) }) }) as T;

function packGraph(steps: Step[], put: (value: unknown) => unknown): PackedStep[] {
  const places = placesIn(steps);
  return steps.map((step) => {
    const { id, undoes, needs, until, ...rest } = step as Step & { until?: string[] };
    const [common, own] = split(rest);
    return {
      id,
      like: put(common),
      ...mapMembers(own, put),
      needs: runsOf(needs, places),
      ...(until && { until: runsOf(until, places) }),
    };
  });
}

const placesIn = (steps: Step[]) => new Map(steps.map(({ id }, place) => [id, place]));

/** Texts and numbers are mostly equal among steps of a kind. */
function split(members: object): [common: object, own: object] {
  const entries = Object.entries(members);
  const isCommon = ([, value]: [string, unknown]) => !isObject(value);
  return [
    Object.fromEntries(entries.filter(isCommon)),
    Object.fromEntries(entries.filter((entry) => !isCommon(entry))),
  ];
}

const unpackGraph = (steps: PackedStep[], parts: unknown[]): Step[] => {
  const all = steps.map(({ id }) => id);
  return steps.map(({ like, needs, until, undoes, ...rest }) => {
    const ids = (runs: Run[]) => idsIn(runs, all);
    const members = { ...(fill(like, parts) as object), ...mapMembers(rest, (value) => fill(value, parts)) };
    return { ...members, needs: ids(needs), ...(until && { until: ids(until) }) } as unknown as Step;
  });
};

const idAt = (steps: PackedStep[], one: number | string): string => (typeof one === 'string' ? one : steps[one]!.id);

/** Steps of a kind are evenly spaced, so a few runs describe many needs. */
function runsOf(ids: string[], places: Map<string, number>): Run[] {
  const runs: Run[] = [];
  for (const id of ids) {
    const place = places.get(id) ?? id;
    const joined = join(runs.at(-1), place);
    if (joined) runs[runs.length - 1] = joined;
    else runs.push(place);
  }
  return runs;
}

function join(run: Run | undefined, place: number | string): Run | undefined {
  if (run === undefined || typeof run === 'string' || typeof place === 'string') return undefined;
  if (typeof run === 'number') return place > run ? [run, place, place - run] : undefined;
  const [first, last, stride] = run;
  return place === last + stride ? [first, place, stride] : undefined;
}

/** In one array, since there may be millions of them. */
function idsIn(runs: Run[], all: string[]): string[] {
  const ids: string[] = [];
  for (const run of runs) {
    if (typeof run === 'string') ids.push(run);
    else if (typeof run === 'number') ids.push(all[run]!);
    else for (let place = run[0]; place <= run[1]; place += run[2]) ids.push(all[place]!);
  }
  return ids;
}

function createParts() {
  const all: unknown[] = [];
  const places = new Map<string, number>();
  const put = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(put);
    if (!isObject(value)) return value;
    const packed = mapMembers(value, put);
    const text = JSON.stringify(packed);
    if (text.length < shortest) return packed;
    const place = places.get(text) ?? all.push(packed) - 1;
    places.set(text, place);
    return { $: place };
  };
  return { all, put };
}

function fill(value: unknown, parts: unknown[]): unknown {
  if (Array.isArray(value)) return value.map((one) => fill(one, parts));
  if (!isObject(value)) return value;
  const place = value.$ ?? value.$part;
  return typeof place === 'number' ? parts[place] : mapMembers(value, (one) => fill(one, parts));
}

const mapMembers = (value: object, change: (member: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member)]));

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
