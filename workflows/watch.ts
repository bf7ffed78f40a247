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

/**
 * Goes on measuring a closed release, and rolls the service back if its new version turns out bad. Started by a release
 * alone. Fails without a rollback if a measurement had no answer.
 */
export async function watch(request: WatchRequest): Promise<string> {
  const { platform, service, revision, tests, input } = request;
  const failures = await Promise.all(tests.map((test) => measured(request, test)));
  const bad = failures.find((one) => one?.code === 'smoke-failed');
  if (bad) return await rollBack(request, bad);
  const unclear = failures.find((one) => one !== undefined);
  if (!unclear) return `${service}: revision ${revision} stays`;
  const { code, message } = unclear;
  const hint = `look for yourself: belay rollback -p ${platform} --service ${service} --host ${input.host} goes back`;
  throw plainFailure({
    type: code,
    message: `${service} stays at revision ${revision}: ${message}`,
    details: [{ hint }],
  });
}

/** Returns the failure of the test, if there is one. */
async function measured(request: WatchRequest, test: WatchRequest['tests'][number]): Promise<Failure | undefined> {
  const { service, revision, instances, input } = request;
  const { host, runtime, ...rest } = input;
  const step: StepOf<'validate'> = {
    id: `${service}/validate/later/${test.name}`,
    kind: 'validate',
    service,
    host,
    ...(runtime && { runtime }),
    epoch: 0,
    needs: [],
    title: test.name,
    instances,
    smoke: test,
    series: true,
    head: revision,
  };
  const { validate } = proxyActivities<Activities>(optionsFor(step, untilTaken));
  try {
    await validate({ ...rest, step, round: 1, notes: 0 } as StepInput<StepOf<'validate'>>);
    return undefined;
  } catch (error) {
    return failureOf(error, step.id);
  }
}

async function rollBack({ platform, service, revision, previous, input }: WatchRequest, bad: Failure): Promise<string> {
  const { host } = input;
  const request: RollbackRequest = {
    platform,
    host,
    services: [service],
    to: { [service]: previous },
    from: { [service]: revision },
    by: 'belay',
    reason: bad.message,
  };
  const workflowId = `rollback/${platform}/${service}-r${revision}@${host}`;
  await startChild('rollback', { workflowId, args: [request], parentClosePolicy: 'ABANDON' });
  return `${bad.message}; ${workflowId} takes it back`;
}
