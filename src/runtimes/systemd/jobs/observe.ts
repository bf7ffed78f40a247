import { type JobUnit, jobUnits } from '../../../hosts/job-units';
import type { InstanceQuery, RuntimeInstance } from '../../runtime';
import type { SystemdHost } from '../units';
import { type Run, runsOf } from './state';

/** The runs of a service's jobs, by name. */
export async function observeJobs(
  host: SystemdHost,
  { platform, service, name }: InstanceQuery,
): Promise<RuntimeInstance[]> {
  const records = (await jobUnits(host)).filter(
    ({ identity, name: own }) =>
      identity.platform === platform && identity.service === service && (name === undefined || name === own),
  );
  const runs = await runsOf(host, records);
  return records.map((record, index) => instanceOf(record, runs[index]!));
}

function instanceOf(
  { name, job, identity: { instance, revision, fingerprint } }: JobUnit,
  { unit, ...run }: Run,
): RuntimeInstance {
  return {
    name,
    job,
    number: instance,
    revision,
    fingerprint,
    ...run,
    restarts: 0,
    health: 'none',
    ports: {},
    published: [],
    stopSignal: unit.killSignal,
  };
}
