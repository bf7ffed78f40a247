import { artifactRef, isSameArtifact } from './artifact';
import type { ServicePlan, StepOf } from './plan';
import type { Outcome, ReleaseStatus } from './status';
import { versionOf } from './versions';

/** A run of a job that nothing takes back. */
interface LeftJob {
  service: string;
  job: string;
  /** The reference of the artifact that it ran for. */
  ref: string;
  /** True if it failed or was stopped: no undo fits that. */
  isPart?: boolean;
}

/** The sentence on a job that a rollback leaves as it is. Pure. */
export function leftJobText({ service, job, ref, isPart = false }: LeftJob): string {
  const name = job === service ? job : `job ${job} of ${service}`;
  return isPart
    ? `${name} did not end well for version ${versionOf(ref)}: what it has done is not taken back`
    : `${name} ran for version ${versionOf(ref)} and is not taken back: it has no undo`;
}

/** A service whose files name another version than the one that runs after a rollback. */
interface Ahead {
  service: string;
  /** References of artifacts. */
  named: string;
  runs: string;
}

/** The sentence on files that a rollback leaves as they are; none for no service. Pure. */
export function filesAheadText(all: Ahead[]): string[] {
  if (all.length === 0) return [];
  const words = (which: 'named' | 'runs') => all.map((one) => `${one.service} ${versionOf(one[which])}`).join(', ');
  return [
    `the files still name ${words('named')}: docker compose up -d or belay release would bring that back. Write what runs into them (.env or the Compose file): ${words('runs')}`,
  ];
}

/** Outcomes of workflows that have undone what they did. */
export const wentBack: readonly Outcome[] = ['rolled-back', 'failed', 'rejected', 'cancelled'];

/**
 * What a workflow with this outcome leaves as it is although its services went back, in sentences.
 * @param stayed names services that did not go back. Pure.
 */
export function leavesOf(status: Pick<ReleaseStatus, 'plan' | 'steps'>, outcome: Outcome, stayed: string[]): string[] {
  const { plan } = status;
  if (!plan) return [];
  if (outcome === 'reverted') return plan.leaves ?? [];
  if (!wentBack.includes(outcome)) return [];
  const ran = plan.steps.filter(
    (step) => step.kind === 'job' && isLeft(step, status) && !stayed.includes(step.service),
  );
  const jobs = (ran as Array<StepOf<'job'>>).map(({ id, service, instance }) => {
    const to = plan.services.find((one) => one.service === service)!.to.artifact;
    const isPart = status.steps[id]?.state !== 'done';
    return leftJobText({ service, job: instance.job, ref: artifactRef(to), isPart });
  });
  const isAhead = ({ service, from, to, job }: ServicePlan) =>
    from !== undefined &&
    !job &&
    !stayed.includes(service) &&
    to.artifact.kind !== 'file' &&
    plan.source.versions[service] === undefined &&
    !isSameArtifact(from.artifact, to.artifact);
  const ahead = outcome === 'rolled-back' ? plan.services.filter(isAhead) : [];
  return [
    ...jobs,
    ...filesAheadText(
      ahead.map(({ service, from, to }) => ({
        service,
        named: artifactRef(to.artifact),
        runs: artifactRef(from!.artifact),
      })),
    ),
  ];
}

/** True for a job that has begun, and that no undo takes back. */
function isLeft(step: StepOf<'job'>, { plan, steps: states }: Pick<ReleaseStatus, 'plan' | 'steps'>): boolean {
  const { startedAt, failure, state } = states[step.id] ?? {};
  if (step.asks || step.reverts || !startedAt || failure?.untouched) return false;
  const asking =
    step.unless && plan!.steps.find((one) => one.kind === 'job' && one.instance.name === step.unless!.name);
  if (asking && states[asking.id]?.idle) return false;
  return state !== 'done' || !plan!.undo.some((one) => one.kind === 'job' && one.undoes === step.id && one.command);
}
