import type { Deps } from '../host';
import { hmacKey } from '../hosts/machine';
import type { Revision } from '../hosts/revision';
import { type Artifact, lostArtifact } from '../model/artifact';
import type { DesiredService } from '../model/desired';
import type { ObservedRevision, ObservedService } from '../model/observed';
import { standingRuns } from '../revisions/job-runs';
import { environmentMarks } from '../runtimes/fingerprint';
import type { Adoption, RuntimeInstance } from '../runtimes/runtime';

interface History {
  head?: number;
  revisions: Revision[];
  seen: RuntimeInstance[];
  desired: DesiredService;
}

/** The ledger's revisions. Before the first release, containers that Compose started are revision 0 and the head. */
export async function history(
  { home, runtimeOf }: Pick<Deps, 'runtimeOf' | 'home'>,
  { head, revisions, seen, desired }: History,
): Promise<Pick<ObservedService, 'head' | 'revisions'>> {
  const known = revisions.map(
    ({ number, state, previous, desired, task, timings, jobs }): ObservedRevision => ({
      number,
      state,
      previous,
      desired,
      task,
      timings,
      ...(jobs && { ranJobs: standingRuns(jobs) }),
    }),
  );
  const started = seen.filter((one) => one.revision === 0);
  const [first] = started;
  const { adoption } = runtimeOf(desired.runtime);
  if (!first || !adoption || known.some((one) => one.number === 0)) return { head, revisions: known };
  const before: DesiredService = {
    ...desired,
    fingerprint: first.fingerprint,
    instances: started.length,
    environment: await givenTo({ adoption, home }, first.name, desired),
    fronts: undefined,
    written: undefined,
    writtenInstances: undefined,
    artifact: await startedFrom(adoption, first.name),
  };
  return {
    head: head ?? 0,
    revisions: [{ number: 0, state: 'recorded', desired: before, task: { kind: 'run' } }, ...known],
  };
}

/** The image of a container; without a name if the image was removed, since its name is lost. */
async function startedFrom(adoption: Adoption, name: string): Promise<Artifact> {
  const template = await adoption.snapshot(name).catch(() => undefined);
  return (template && (await adoption.artifactOf(template, name).catch(() => undefined))) ?? lostArtifact;
}

/** Marks of a container's variables. Variables of the image count only where the spec sets them too. */
async function givenTo(
  { adoption, home }: Pick<Deps, 'home'> & { adoption: Adoption },
  container: string,
  { environment }: DesiredService,
): Promise<DesiredService['environment']> {
  const all = await adoption.variables(container);
  const given = all.filter(({ name, inherited }) => !inherited || name in environment);
  return environmentMarks(Object.fromEntries(given.map(({ name, value }) => [name, value])), await hmacKey(home));
}
