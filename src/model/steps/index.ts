import type { Plan, Step, StepKind, StepOf } from '../plan';
import type { StepStatus } from '../status';
import { approve } from './approve';
import { backup } from './backup';
import { claim } from './claim';
import { cleanup } from './cleanup';
import { config } from './config';
import { configure } from './configure';
import { drain } from './drain';
import { drill } from './drill';
import { drop } from './drop';
import { halt } from './halt';
import { job } from './job';
import { type Fact, type Kind, minute, type Switches } from './kind';
import { later } from './later';
import { launch } from './launch';
import { preflight } from './preflight';
import { probe } from './probe';
import { proxy } from './proxy';
import { prune } from './prune';
import { publish } from './publish';
import { pull } from './pull';
import { record } from './record';
import { restore } from './restore';
import { resume } from './resume';
import { retire } from './retire';
import { soak } from './soak';
import { swap } from './swap';
import { switchTo } from './switch';
import { validate } from './validate';
import { verify } from './verify';
import { warm } from './warm';
import { weigh } from './weigh';

export { type Fact, leaving, type Switches } from './kind';
export { longestStart } from './preflight';
export { longestAway } from './validate';

/** Kinds in the order of a release. A new kind of step is a file here, and a line. */
const kinds: { [K in StepKind]: Kind<StepOf<K>> } = {
  claim,
  preflight,
  pull,
  config,
  configure,
  job,
  proxy,
  launch,
  probe,
  swap,
  switch: switchTo,
  weigh,
  publish,
  drain,
  retire,
  validate,
  soak,
  approve,
  record,
  warm,
  later,
  cleanup,
  drop,
  prune,
  halt,
  resume,
  restore,
  backup,
  verify,
  drill,
};

const of = (step: Step): Kind => kinds[step.kind] as Kind;

/** The title of a step, the same in plan, log, progress and Web UI. Pure. */
export const describe = (step: Step): string => of(step).describe(step);

/** The words after the kind's name in the Web UI's timeline. Pure. */
export const summaryOf = (step: Step): string => of(step).summary?.(step) ?? `${step.service}: ${describe(step)}`;

/** Milliseconds that one attempt may take. */
export const longest = (step: Step): number => of(step).longest?.(step) ?? 5 * minute;

/** True if the step takes the service off a proxy after the release is recorded. */
export const takesProxyOff = (step: Step): boolean => step.kind === 'proxy' && !step.front && step.undoes === undefined;

/** The phase of a step within its service's release. A proxy is started first and removed last. */
export const phaseOf = (step: Step): Kind['phase'] => (takesProxyOff(step) ? 'concluding' : of(step).phase);

/** True if the step brings an instance in. Probes of dependent services do not. */
export const isEntering = (step: Step): boolean =>
  of(step).entering === true && !(step.kind === 'probe' && step.of !== undefined);

export const isDecisive = (step: Step): boolean => of(step).decisive ?? false;

/**
 * True if a person may skip the failed step: checks, jobs after the change, and a drain also while it runs. Never a
 * probe or a swap.
 */
export function isSkippable(step: Step): boolean {
  const { skippable = false } = of(step);
  return typeof skippable === 'boolean' ? skippable : skippable(step);
}

/** True if the release cannot roll back once the step has begun. */
export const isIrreversible = (step: Step): boolean => step.kind === 'job' && step.irreversible === true;

/** Kinds whose durations the ledger keeps. */
export const timedKinds = (Object.keys(kinds) as StepKind[]).filter((kind) => kinds[kind].timed);

/** True if the step runs until other steps are done, instead of ending by itself. */
export const isWatch = (step: Step): step is StepOf<'validate'> & { until: string[] } =>
  step.kind === 'validate' && step.until !== undefined;

/** True if the step measures beside other steps, and ends by itself. */
export const isSeries = (step: Step): boolean => step.kind === 'validate' && step.series === true;

export const switchesOf = ({ steps, undo }: Plan): Switches => ({
  there: steps.filter((step) => step.kind === 'switch'),
  back: undo.filter((step) => step.kind === 'switch'),
});

/** Statements of a step about its instances. Pure. */
export function factsOf(
  step: Step,
  { plan, switches, state: status }: { plan: Plan; switches: Switches; state: StepStatus },
): Fact[] {
  const { state, note, endedAt } = status;
  const said = (live: string, done: string): string => (state === 'running' ? live : state === 'done' ? done : state);
  const noted = (text: string): string => (note ? `${text}: ${note}` : text);
  return of(step).facts?.(step, { plan, switches, state, endedAt, said, noted }) ?? [];
}
