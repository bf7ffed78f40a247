import type { Deps } from '../host';
import { hmacKey } from '../hosts/machine';
import type { Revision } from '../hosts/revision';
import type { DesiredService } from '../model/desired';
import type { ObservedRevision, ObservedService, PinnedImage } from '../model/observed';
import { environmentMarks } from '../runtimes/docker/compose/fingerprint';
import type { RuntimeInstance } from '../runtimes/runtime';

interface History {
  head?: number;
  revisions: Revision[];
  seen: RuntimeInstance[];
  desired: DesiredService;
}

/** The ledger's revisions. Before the first release, containers that Compose started are revision 0 and the head. */
export async function history(
  deps: Pick<Deps, 'runtime' | 'home'>,
  { head, revisions, seen, desired }: History,
): Promise<Pick<ObservedService, 'head' | 'revisions'>> {
  const known = revisions.map(
    ({ number, state, previous, desired, task, timings }): ObservedRevision => ({
      number,
      state,
      previous,
      desired,
      task,
      timings,
    }),
  );
  const started = seen.filter((one) => one.revision === 0);
  const [first] = started;
  if (!first || known.some((one) => one.number === 0)) return { head, revisions: known };
  const before: DesiredService = {
    ...desired,
    fingerprint: first.fingerprint,
    instances: started.length,
    environment: await givenTo(deps, first.name, desired),
    fronts: undefined,
    written: undefined,
    writtenInstances: undefined,
    image: await startedFrom(deps, first.name),
  };
  return {
    head: head ?? 0,
    revisions: [{ number: 0, state: 'recorded', desired: before, task: { kind: 'run' } }, ...known],
  };
}

/** The image of a container; without a name if the image was removed, since its name is lost. */
async function startedFrom({ runtime }: Pick<Deps, 'runtime'>, container: string): Promise<PinnedImage> {
  const none = { ref: '', digest: '', local: true };
  const template = await runtime.snapshot(container).catch(() => undefined);
  const { image } = template ? runtime.read(template) : {};
  return image ? await runtime.pinned(image, container).catch(() => none) : none;
}

/** Marks of a container's variables. Variables of the image count only where the spec sets them too. */
async function givenTo(
  { runtime, home }: Pick<Deps, 'runtime' | 'home'>,
  container: string,
  { environment }: DesiredService,
): Promise<DesiredService['environment']> {
  const all = await runtime.variables(container);
  const given = all.filter(({ name, inherited }) => !inherited || name in environment);
  return environmentMarks(Object.fromEntries(given.map(({ name, value }) => [name, value])), await hmacKey(home));
}
