import { BelayError } from '../errors';
import type { Deps } from '../host';
import { thingText } from '../model/backed-up';
import type { DesiredBackup, FoundBackup } from '../model/desired';
import type { RuntimeInstance } from '../runtimes/runtime';
import { kindsOfTheMachine } from '../spec/backups';
import { partOf } from '../spec/backups/part';

interface Question {
  platform: string;
  backups: DesiredBackup[];
  /** The Compose project of a service, by which containers are found that Compose started. */
  projectOf(service: string): string | undefined;
}

/** Things to back up, and those whose service has no container. */
export interface BackedUp {
  found: FoundBackup[];
  missing: DesiredBackup[];
}

/** Finds the container of each thing to back up. */
export async function findBackedUp({ runtimeOf }: Pick<Deps, 'runtimeOf'>, question: Question): Promise<BackedUp> {
  const { platform, backups, projectOf } = question;
  const all = await Promise.all(
    backups.map(async (one): Promise<FoundBackup> => {
      if (isOfTheMachine(one)) return one;
      const { service } = one;
      const seen = await runtimeOf().observe({ platform, service, project: projectOf(service) });
      return { ...one, container: containerAmong(seen) };
    }),
  );
  return { found: all.filter((one) => !isMissing(one)), missing: all.filter(isMissing) };
}

/** True if the thing is in a container, and there is none. */
const isMissing = (one: FoundBackup): boolean => one.container === undefined && !isOfTheMachine(one);

const isOfTheMachine = ({ what }: DesiredBackup): boolean => kindsOfTheMachine.includes(partOf(what).kind);

/** Throws `instance-lost` where the thing's service had no container when the plan was made. */
export function refuseMissing(one: FoundBackup): void {
  if (!isMissing(one)) return;
  const { service } = one;
  throw new BelayError('instance-lost', `${service} has no container on this host`, {
    hint: `start it: docker compose up -d ${service}, or belay release ${service} if Belay has released it; then try again`,
  });
}

/** What the plan of a first release says of a thing that is not there yet. */
export const notYet = (one: DesiredBackup): string => `${thingText(one)} is not backed up: it has no container yet`;

/** Returns the name of the first one that runs, else of the first one. */
export function containerAmong(seen: Array<Pick<RuntimeInstance, 'name' | 'state'>>): string | undefined {
  const sorted = [...seen].sort((a, b) => (a.name < b.name ? -1 : 1));
  return (sorted.find(({ state }) => state === 'running') ?? sorted[0])?.name;
}
