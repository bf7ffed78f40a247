import type { DesiredNeed, DesiredService, PlannedService } from '../model/desired';
import type { RequiredService, Step, StepOf } from '../model/plan';
import { isEntering } from '../model/steps';
import { isRemoval, takenAgain } from '../model/task';
import { stepMaker } from './graph';
import type { ServiceInput } from './plan-release';

type Context = Pick<ServiceInput, 'desired' | 'observed' | 'host' | 'epoch' | 'changing'>;

/** Returns the needs that a release of the service watches; none on a way back, which must always be possible. */
const needsOf = ({ desired }: Context): DesiredNeed[] =>
  isRemoval(desired) || takenAgain(desired) ? [] : (desired.needs ?? []);

/**
 * Returns the step that asks for all needs again, before the new version meets users. A need that changes beside the
 * service, in no order with it, is left out.
 */
export function needsBefore(input: Context, { needs }: { needs: string[] }): Array<StepOf<'validate'>> {
  const { service } = input.desired;
  const asked = needsOf(input).filter(({ of }) => of === undefined || input.changing[of] !== 'beside');
  if (asked.length === 0) return [];
  const title = `what ${service} needs is there`;
  return [stepMaker(input, 'forward')('validate', { name: 'needs', title, instances: [], external: asked, needs })];
}

/**
 * Returns the steps that watch the required needs: one for those that stay as they are, and one for each service that
 * this release changes too.
 */
export function needsWatched(input: Context, { until, needs }: { until: string[]; needs: string[] }): Step[] {
  const { service } = input.desired;
  const required = needsOf(input).filter((one) => one.required);
  const isChanging = ({ of }: DesiredNeed) => of !== undefined && input.changing[of] !== undefined;
  const watch = (name: string, title: string, external: DesiredNeed[]) =>
    external.length === 0
      ? []
      : [stepMaker(input, 'forward')('validate', { name, title, instances: [], external, until, needs })];
  const others = [...new Set(required.filter(isChanging).map(({ of }) => of!))];
  return [
    ...watch(
      'needed',
      `what ${service} needs stays there`,
      required.filter((one) => !isChanging(one)),
    ),
    ...others.flatMap((other) =>
      watch(
        `needed/${other}`,
        `${other}, which ${service} needs, stays there`,
        required.filter(({ of }) => of === other),
      ),
    ),
  ];
}

/** Services that the release changes, as one of them sees the others: those that come first, and those beside it. */
export type Changing = Record<string, 'before' | 'beside'>;

/** Returns the changed services as this one sees them. */
export function changingFor(asking: PlannedService, changed: PlannedService[], all: PlannedService[]): Changing {
  const before = new Set([asking.service]);
  // The loop also visits names that it adds meanwhile.
  for (const name of before)
    for (const { service } of all.find((one) => one.service === name)?.after ?? []) before.add(service);
  const others = changed.filter((one) => one !== asking);
  return Object.fromEntries(others.map(({ service }) => [service, before.has(service) ? 'before' : 'beside']));
}

/** Kinds of steps that replace instances of a service. */
const replacing: Array<Step['kind']> = ['publish', 'launch', 'probe', 'swap', 'switch', 'weigh', 'drain', 'retire'];

/**
 * Returns the ids of another service's steps that a step on needs waits for: all that replace its instances before a
 * watch, and those that bring them in before a single look.
 */
export function replacedFirst(step: Step, stepsOf: (service: string) => Step[]): string[] {
  if (step.kind !== 'validate') return [];
  const others = [...new Set((step.external ?? []).flatMap(({ of }) => of ?? []))];
  const isMeant = (one: Step) => (step.until ? replacing.includes(one.kind) : isEntering(one));
  return others
    .flatMap(stepsOf)
    .filter(isMeant)
    .map(({ id }) => id);
}

/** Returns the services of the Compose project that have to run, and no release runs. Pure. */
export const requiredBy = ({ requires, project }: DesiredService): RequiredService[] | undefined =>
  requires?.map(({ restart, ...one }) => ({ ...one, project }));
