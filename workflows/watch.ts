import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  patched,
  proxyActivities,
  startChild,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities, StepInput, StepResult } from '../activities';
import type { WatchOutcome } from '../src/model/counters';
import type { StepOf } from '../src/model/plan';
import type { RollbackRequest, WatchRequest } from '../src/model/requests';
import type { Failure } from '../src/model/status';
import { hintedFailure } from './ending';
import { failureOf, isCancellation } from './failures';
import { keyword } from './keyword';
import { measureWatchBegin, measureWatchEnd } from './measures';
import { optionsFor } from './policies';

/** Longest wait for a worker to begin, in milliseconds. */
const untilTaken = 30 * 24 * 60 * 60_000;

type Test = WatchRequest['tests'][number];

/** The end of a watch: its outcome, and the result or the failure in words. */
interface Ended {
  outcome: WatchOutcome;
  text: string;
  failure?: Pick<Failure, 'code' | 'hint'>;
}

/**
 * Goes on measuring a closed release, and rolls it back if its new version turns out bad. Started by a release alone.
 * Fails without a rollback if a measurement had no answer, or if a person decides, and if the rollback fails.
 */
export async function watch(request: WatchRequest): Promise<string> {
  const { platform, service, whole } = request;
  measureWatchBegin(platform);
  const { outcome, text, failure } = await endOf(request);
  if (hasOutcome())
    upsertSearchAttributes({
      BelayPlatform: [keyword(platform)],
      BelayServices: whole ? Object.keys(whole.from) : [service],
      BelayOutcome: [outcome],
    });
  measureWatchEnd(platform, outcome);
  if (outcome === 'cancelled') throw new CancelledFailure(text);
  if (!failure) return text;
  throw hintedFailure({ ...failure, message: text });
}

async function endOf(request: WatchRequest): Promise<Ended> {
  const ends = await measureAll(request);
  const failures = ends.map(({ failure }) => failure);
  const bad = failures.find(isBad);
  if (bad && !request.holds) return await rollBack(request, bad);
  const { service, revision, whole } = request;
  if (!bad && failures.some((one) => one?.code === 'cancelled')) return { outcome: 'cancelled', text: 'was cancelled' };
  const first = bad ?? failures.find((one) => one !== undefined);
  if (first) {
    const text = `${service} stays ${whole ? 'as it is' : `at revision ${revision}`}: ${first.message}`;
    return { outcome: 'failed', text, failure: { code: first.code, hint: lookHint(request) } };
  }
  const said = ends.map(({ note }, index) => `${request.tests[index]!.name}: ${note ?? 'passed'}`).join('; ');
  return {
    outcome: ends.some(({ over }) => over) ? 'superseded' : 'passed',
    text: `${service}: ${whole ? revisionsText(whole.from) : `revision ${revision}`} was measured: ${said}`,
  };
}

/** Returns the ends of all tests. The first verdict of roll back ends the others. */
async function measureAll(request: WatchRequest): Promise<Measured[]> {
  const scope = new CancellationScope();
  return await scope.run(() =>
    Promise.all(
      request.tests.map(async (test) => {
        const end = await measured(request, test);
        if (isBad(end.failure) && request.tests.length > 1 && hasOutcome()) scope.cancel();
        return end;
      }),
    ),
  );
}

/** False for watches that ended before they had outcomes, or waited for their other tests: these replay as they ran. */
const hasOutcome = (): boolean => patched('watch-outcome');

const isBad = (failure?: Failure): boolean => failure?.code === 'smoke-failed';

/** Returns the part of workflow ids that tells what is watched: `shop/api-r7@host`. */
export function placeOf({ platform, service, revision, whole, input }: WatchRequest): string {
  const [first] = Object.entries(whole?.from ?? {});
  const what = first ? `platform/${first[0]}-r${first[1]}` : `${service}-r${revision}`;
  return `${platform}/${what}@${input.host}`;
}

type Measured = Pick<StepResult, 'note' | 'over'> & { failure?: Failure };

/** Returns what the test says in the end, or its failure. */
async function measured(request: WatchRequest, test: Test): Promise<Measured> {
  const { host, runtime, ...rest } = request.input;
  const step: StepOf<'validate'> = {
    ...measuring(request, test),
    kind: 'validate',
    service: request.service,
    host,
    ...(runtime && { runtime }),
    epoch: 0,
    needs: [],
    title: test.name,
    instances: request.instances,
    smoke: test,
    series: true,
  };
  const { validate } = proxyActivities<Activities>(optionsFor(step, untilTaken));
  try {
    return await validate({ ...rest, step, round: 1, notes: 0 } as StepInput<StepOf<'validate'>>);
  } catch (error) {
    return { failure: failureOf(error, step.id) };
  }
}

const measuring = ({ service, revision, whole }: WatchRequest, { name }: Test) =>
  whole
    ? { id: `platform/test/later/${name}`, heads: whole.from }
    : { id: `${service}/validate/later/${name}`, head: revision };

/** Rolls back, and waits for the end: a rollback that fails must not pass unseen. */
async function rollBack(request: WatchRequest, bad: Failure): Promise<Ended> {
  const { platform, input } = request;
  const { from, to } = revisionsOf(request);
  const back: RollbackRequest = {
    platform,
    host: input.host,
    services: Object.keys(to),
    to,
    from,
    by: 'belay',
    reason: bad.message,
  };
  const workflowId = `rollback/${placeOf(request)}`;
  try {
    const waits = hasOutcome();
    const started = await startChild('rollback', {
      workflowId,
      args: [back],
      parentClosePolicy: 'ABANDON',
      cancellationType: ChildWorkflowCancellationType.ABANDON,
    });
    if (waits) await started.result();
    return { outcome: 'reverted', text: `${bad.message}; ${workflowId} took it back` };
  } catch (error) {
    if (isCancellation(error) && CancellationScope.current().consideredCancelled)
      return { outcome: 'cancelled', text: `${bad.message}; ${workflowId} goes on` };
    const { code, message } = failureOf(error);
    const text = `${bad.message}; ${workflowId} did not take it back: ${message}`;
    if (code === 'fence-stale') return { outcome: 'superseded', text };
    return { outcome: 'failed', text, failure: { code: bad.code, hint: lookHint(request) } };
  }
}

/** Revisions to go back from and to, by service. */
const revisionsOf = ({ service, revision, previous, whole }: WatchRequest) =>
  whole ?? { from: { [service]: revision! }, to: { [service]: previous! } };

const lookHint = (request: WatchRequest): string => `look for yourself: ${wayBack(request)} goes back`;

function wayBack({ platform, service, whole, input }: WatchRequest): string {
  const what = whole ? `--to ${revisionsText(whole.to)}` : `--service ${service}`;
  return `belay rollback -p ${platform} ${what} --host ${input.host}`;
}

/** `api=7,web=3` */
const revisionsText = (revisions: Record<string, number>): string =>
  Object.entries(revisions)
    .map(([service, revision]) => `${service}=${revision}`)
    .join(',');
