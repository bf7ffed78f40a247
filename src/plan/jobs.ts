import type { DesiredJob } from '../model/desired';
import { filesFingerprint } from '../model/files-fingerprint';
import { headOfPast } from '../model/head';
import { jobInstanceName } from '../model/instance-name';
import type { ObservedRevision } from '../model/observed';
import type { JobRef, Step, StepOf } from '../model/plan';
import { formerOf, isRemoval } from '../model/task';
import { approval, stepId, stepMaker } from './graph';
import type { ServiceInput } from './plan-release';

type Moment = DesiredJob['when'];

/**
 * Returns the steps for a service's jobs at a moment, each after the one before. A rollback takes back what later
 * revisions have done.
 */
export function jobSteps(input: ServiceInput, moment: Moment, needs: string[]): Step[] {
  const steps: Step[] = [];
  const next = () => (steps.length > 0 ? [steps.at(-1)!.id] : needs);
  const former = formerOf(input.desired);
  if (former) {
    for (const one of laterRuns(input, former.revision, moment)) steps.push(revert(input, one, next()));
    return steps;
  }
  for (const one of freshJobs(input).filter(({ when }) => when === moment)) {
    if (one.pending) steps.push(ask(input, one, next()));
    if (one.point_of_no_return) steps.push(gateOf(input, one, next()));
    steps.push(run(input, one, next()));
  }
  return steps;
}

/** Returns the undo steps for a service's jobs: each run is ended, and taken back where it can be. */
export const jobUndoSteps = (input: ServiceInput, needs: string[]): Step[] =>
  freshJobs(input)
    .flatMap((one) => [...(one.pending ? [asking(one)] : []), ...(one.point_of_no_return ? [] : [one])])
    .map((one) =>
      stepMaker(input, 'undo')('job', {
        ...takenBack(input, { ...one, revision: input.revision, stop: input.desired.stop }),
        undoes: stepId({ service: input.desired.service, way: 'forward', kind: 'job', name: one.name }),
        needs,
      }),
    );

/** The jobs to run: scaling and restarts change nothing that a job would run. */
function freshJobs({ desired, observed }: ServiceInput): DesiredJob[] {
  if (desired.task.kind !== 'run') return [];
  const head = headOfPast(observed);
  const isSame = head !== undefined && filesFingerprint(head.desired) === filesFingerprint(desired) && !isRemoval(head);
  return isSame ? [] : (desired.jobs ?? []);
}

/** The id of the gate before a job. */
export const gateId = (service: string, name: string): string =>
  stepId({ service, way: 'forward', kind: 'approve', name: `job/${name}` });

function gateOf(input: ServiceInput, { name }: DesiredJob, needs: string[]): Step {
  const { service } = input.desired;
  const question = `job ${name}${name === service ? '' : ` of ${service}`} cannot be taken back, and after its start this release cannot roll back. Run it?`;
  return approval(input, question, { name: `job/${name}`, needs });
}

/** The run that tells if there is anything to do. */
const asking = ({ name, when, timeout, pending }: DesiredJob): DesiredJob => ({
  name: `${name}.pending`,
  when,
  timeout,
  command: pending,
});

const ask = (input: ServiceInput, one: DesiredJob, needs: string[]): Step => ({
  ...run(input, asking(one), needs),
  asks: true,
});

function run(input: ServiceInput, one: DesiredJob, needs: string[]): StepOf<'job'> {
  const { name, command, timeout, when } = one;
  return stepMaker(input, 'forward')('job', {
    name,
    instance: instanceOf(input, { job: name, revision: input.revision }),
    when,
    ...(command && { command }),
    timeout,
    stop: input.desired.stop,
    fingerprint: input.desired.fingerprint,
    ...(one.pending && { unless: instanceOf(input, { job: `${name}.pending`, revision: input.revision }) }),
    ...(one.point_of_no_return && { irreversible: true as const }),
    needs,
  });
}

interface LaterRun extends DesiredJob {
  revision: number;
  stop: StepOf<'job'>['stop'];
}

/**
 * The runs of recorded revisions above the target that have an undo, the latest first. What ran after the change is
 * taken back before it.
 */
function laterRuns({ observed }: ServiceInput, target: number, moment: Moment): LaterRun[] {
  const later = observed.revisions.filter(({ number, state }) => number > target && state !== 'abandoned');
  const runsOf = ({ number, ranJobs = [], desired: { jobs = [], stop } }: ObservedRevision): LaterRun[] =>
    jobs
      .filter(({ name, undo, when }) => undo && ranJobs.includes(name) && when !== moment)
      .map((one) => ({ ...one, revision: number, stop }));
  return later.flatMap(runsOf).reverse();
}

const revert = (input: ServiceInput, one: LaterRun, needs: string[]): Step =>
  stepMaker(input, 'forward')('job', {
    ...takenBack(input, one),
    name: `undo/${one.name}-r${one.revision}`,
    needs,
  });

function takenBack(input: ServiceInput, { name, revision, undo, timeout, when, stop }: LaterRun) {
  const { fingerprint } = input.desired;
  return {
    name,
    instance: instanceOf(input, { job: undo ? `${name}.undo` : name, revision }),
    when,
    ...(undo && { command: undo }),
    timeout,
    stop,
    fingerprint,
    reverts: instanceOf(input, { job: name, revision }),
  };
}

function instanceOf(
  { platform, desired: { service } }: ServiceInput,
  { job, revision }: { job: string; revision: number },
): JobRef {
  return {
    name: jobInstanceName({ platform, service, revision, job }),
    number: 1,
    revision,
    ports: {},
    slots: [],
    job,
  };
}
