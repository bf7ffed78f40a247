import { artifactName, isSameArtifact } from '../model/artifact';
import type { DesiredService, PlannedService } from '../model/desired';
import { headOfPast } from '../model/head';
import type { ObservedInstance, ObservedRevision, ObservedService, Traffic } from '../model/observed';
import { isRemoval } from '../model/task';

/** Returns the notices that head the plan of a service. Pure. */
export function noticesOf(desired: PlannedService, seen: ObservedService): string[] {
  const head = headOfPast(seen);
  if (!head || isRemoval(desired)) return [];
  const short = shortageOf(desired.service, head, seen.instances);
  const unrecorded = unrecordedIn(seen);
  return [
    ...(unrecorded ? [`${desired.service}: ${unrecorded}; this one leads all of them to one revision`] : []),
    ...(short ? [`${short}; ${shortageEnd(desired, head)}`] : []),
    ...versionNotices(desired, head),
    ...countNotices(desired, head),
    ...overrideNotices(desired, head),
    ...jobNotices(desired, head),
  ];
}

/** The release replaces missing instances if it asks for as many as before. */
function shortageEnd({ instances }: DesiredService, { desired: before }: ObservedRevision): string {
  if (instances >= before.instances) return 'this brings back what is missing';
  return `this asks for ${instances === 0 ? 'none' : `only ${instances}`}`;
}

/**
 * Returns a sentence if fewer instances run than the ledger's head says. Returns undefined if all run, or if Compose
 * started them. Pure.
 */
export function shortageOf(
  service: string,
  { number, desired }: Pick<ObservedRevision, 'number' | 'desired'>,
  instances: Array<Pick<ObservedInstance, 'state' | 'fingerprint'>>,
): string | undefined {
  const running = instances.filter(
    ({ state, fingerprint }) => state === 'running' && fingerprint === desired.fingerprint,
  ).length;
  if (number === 0 || running >= desired.instances) return undefined;
  if (desired.instances === 1) return `${service}: its only instance, of revision ${number}, does not run`;
  const count = running === 0 ? 'none' : `only ${running}`;
  return `${service}: ${count} of the ${desired.instances} instances of revision ${number} run${running < 2 ? 's' : ''}`;
}

/** Returns a sentence on instances in traffic whose revision was never recorded; undefined for none. Pure. */
export function unrecordedIn({
  revisions,
  instances,
}: {
  revisions: Array<Pick<ObservedRevision, 'number' | 'state'>>;
  instances: Array<Pick<ObservedInstance, 'name' | 'revision' | 'state'> & { traffic?: Traffic }>;
}): string | undefined {
  const isUnrecorded = (number: number) => revisions.some((one) => one.number === number && one.state !== 'recorded');
  const left = instances.filter(
    ({ state, traffic, revision }) => state === 'running' && traffic === 'in' && isUnrecorded(revision),
  );
  if (left.length === 0) return undefined;
  const names = left.map(({ name, revision }) => `${name} of revision ${revision}`).join(', ');
  return `${names}, which was never recorded, ${left.length > 1 ? 'have' : 'has'} traffic: its release has neither recorded nor undone it`;
}

/** Returns a notice if a version of one release ends with this one. */
function versionNotices({ service, artifact, written, task }: PlannedService, head: ObservedRevision): string[] {
  const before = head.desired;
  const isAsked = written !== undefined || task.kind === 'take-again';
  if (isAsked || before.written !== artifactName(artifact) || isSameArtifact(before.artifact, artifact)) return [];
  return [
    `${service}: ${artifactName(before.artifact)} was given by --version, for that release only. This one goes back to ${artifactName(artifact)}, which the files name; to keep it, give --version again or write it into the file`,
  ];
}

/** Returns a notice if an instance count of one release ends with this one. */
function countNotices(
  { service, instances, writtenInstances, task }: PlannedService,
  head: ObservedRevision,
): string[] {
  const before = head.desired;
  const isAsked = writtenInstances !== undefined || task.kind === 'take-again';
  if (isAsked || before.writtenInstances !== instances) return [];
  const given = before.instances === 1 ? '1 instance was' : `${before.instances} instances were`;
  return [
    `${service}: ${given} given by --instances, for that release only. This one goes back to ${instances}, as the files say; to keep ${before.instances}, give --instances again or write instances: ${before.instances} into belay.yaml`,
  ];
}

/** Returns a notice for variables that go on in place of those of the files. */
function overrideNotices({ service, overrides, task }: PlannedService, head: ObservedRevision): string[] {
  const values = { ...head.desired.overrides?.values };
  if (task.kind !== 'run' || !overrides) return [];
  const own = Object.entries(overrides.values).filter(([name, value]) => values[name] === value);
  const said = own.map(([name, value]) => `${name}=${value}`).join(', ');
  const names = own.map(([name]) => name).join(' ');
  return own.length > 0
    ? [
        `${service}: ${said} was set by belay set, and stays whatever the files say. To end it: belay set ${service} --unset ${names}`,
      ]
    : [];
}

/** Returns a notice for jobs that wait for the next change of what the service runs. */
function jobNotices(
  { service, jobs = [], fingerprint, task, strategy }: PlannedService,
  head: ObservedRevision,
): string[] {
  const known = JSON.stringify(head.desired.jobs ?? []);
  const isSame = head.desired.fingerprint === fingerprint;
  if (task.kind !== 'run' || strategy.kind === 'job' || !isSame || jobs.length === 0 || JSON.stringify(jobs) === known)
    return [];
  return [`${service}: its jobs have changed. They run in the next release that changes what it runs`];
}
