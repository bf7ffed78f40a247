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

/** Things to back up, and why the others cannot be. */
export interface BackedUp {
  found: FoundBackup[];
  missing: string[];
}

/** Finds the container of each thing to back up. A service that has never run has nothing to back up. */
export async function findBackedUp({ runtimeOf }: Pick<Deps, 'runtimeOf'>, question: Question): Promise<BackedUp> {
  const { platform, backups, projectOf } = question;
  const all = await Promise.all(
    backups.map(async (one) => {
      if (isOfTheMachine(one)) return one;
      const { service } = one;
      const seen = await runtimeOf().observe({ platform, service, project: projectOf(service) });
      const container = containerAmong(seen);
      return container === undefined
        ? `${thingText(one)} is not backed up: it has no container yet`
        : { ...one, container };
    }),
  );
  return {
    found: all.filter((one) => typeof one !== 'string'),
    missing: all.filter((one) => typeof one === 'string'),
  };
}

const isOfTheMachine = ({ what }: DesiredBackup): boolean => kindsOfTheMachine.includes(partOf(what).kind);

/** Returns the name of the first one that runs, else of the first one. */
export function containerAmong(seen: Array<Pick<RuntimeInstance, 'name' | 'state'>>): string | undefined {
  const sorted = [...seen].sort((a, b) => (a.name < b.name ? -1 : 1));
  return (sorted.find(({ state }) => state === 'running') ?? sorted[0])?.name;
}
