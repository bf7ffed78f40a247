import { proxyActivities, startChild } from '@temporalio/workflow';
import type { Activities, StepInput } from '../activities';
import type { StepOf } from '../src/model/plan';
import type { RollbackRequest, WatchRequest } from '../src/model/requests';
import type { Failure } from '../src/model/status';
import { plainFailure } from './ending';
import { failureOf } from './failures';
import { optionsFor } from './policies';

/** Longest wait for a worker to begin, in milliseconds. */
const untilTaken = 30 * 24 * 60 * 60_000;

type Test = WatchRequest['tests'][number];

/**
 * Goes on measuring a closed release, and rolls it back if its new version turns out bad. Started by a release alone.
 * Fails without a rollback if a measurement had no answer, or if a person decides.
 */
export async function watch(request: WatchRequest): Promise<string> {
  const ends = await Promise.all(request.tests.map((test) => measured(request, test)));
  const failures = ends.map(({ failure }) => failure);
  const bad = failures.find((one) => one?.code === 'smoke-failed');
  if (bad && !request.holds) return await rollBack(request, bad);
  const first = bad ?? failures.find((one) => one !== undefined);
  const { service, revision, whole } = request;
  if (!first) {
    const said = ends.map(({ note }, index) => `${request.tests[index]!.name}: ${note ?? 'passed'}`).join('; ');
    return `${service}: ${whole ? revisionsText(whole.from) : `revision ${revision}`} was measured: ${said}`;
  }
  throw plainFailure({
    type: first.code,
    message: `${service} stays ${whole ? 'as it is' : `at revision ${revision}`}: ${first.message}`,
    details: [{ hint: `look for yourself: ${wayBack(request)} goes back` }],
  });
}

/** Returns the part of workflow ids that tells what is watched: `shop/api-r7@host`. */
export function placeOf({ platform, service, revision, whole, input }: WatchRequest): string {
  const [first] = Object.entries(whole?.from ?? {});
  const what = first ? `platform/${first[0]}-r${first[1]}` : `${service}-r${revision}`;
  return `${platform}/${what}@${input.host}`;
}

/** Returns what the test says in the end, or its failure. */
async function measured(request: WatchRequest, test: Test): Promise<{ note?: string; failure?: Failure }> {
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
    const { note } = await validate({ ...rest, step, round: 1, notes: 0 } as StepInput<StepOf<'validate'>>);
    return { note };
  } catch (error) {
    return { failure: failureOf(error, step.id) };
  }
}

const measuring = ({ service, revision, whole }: WatchRequest, { name }: Test) =>
  whole
    ? { id: `platform/test/later/${name}`, heads: whole.from }
    : { id: `${service}/validate/later/${name}`, head: revision };

async function rollBack(request: WatchRequest, bad: Failure): Promise<string> {
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
  await startChild('rollback', { workflowId, args: [back], parentClosePolicy: 'ABANDON' });
  return `${bad.message}; ${workflowId} takes it back`;
}

/** Revisions to go back from and to, by service. */
const revisionsOf = ({ service, revision, previous, whole }: WatchRequest) =>
  whole ?? { from: { [service]: revision! }, to: { [service]: previous! } };

function wayBack({ platform, service, whole, input }: WatchRequest): string {
  const what = whole ? `--to ${revisionsText(whole.to)}` : `--service ${service}`;
  return `belay rollback -p ${platform} ${what} --host ${input.host}`;
}

/** `api=7,web=3` */
const revisionsText = (revisions: Record<string, number>): string =>
  Object.entries(revisions)
    .map(([service, revision]) => `${service}=${revision}`)
    .join(',');
