import { rowOf, thingOf } from '../../src/backups';
import { BelayError } from '../../src/errors';
import { thingText } from '../../src/model/backed-up';
import type { DesiredBackup, FoundBackup } from '../../src/model/desired';
import type { ObservedInstance } from '../../src/model/observed';
import type { RestoreInput } from '../../src/model/requests';
import { namesHint } from '../../src/spec/sentences';

/** The thing that the request means. Throws `input-invalid`, with the names that there are. Pure. */
export function chosenThing(
  all: DesiredBackup[],
  { service, thing }: Pick<RestoreInput, 'service' | 'thing'>,
  platform: string,
): DesiredBackup {
  const named = all.map((one) => ({ one, name: thingOf(rowOf({ platform, service: one.service }, one.what)) }));
  const meant = named.filter(
    ({ one, name }) => (service === undefined || one.service === service) && (thing === undefined || name === thing),
  );
  const [first] = meant;
  if (first && meant.length === 1) return first.one;
  if (all.length === 0) {
    throw new BelayError('input-invalid', `belay.yaml of ${platform} names nothing to back up`, {
      hint: 'write it under backup of a service, such as backup: [{ postgres: {} }]; docs/backups.md has the keys',
    });
  }
  const names = named.map(({ one, name }) => `${one.service} --thing ${name}`);
  if (first) {
    throw new BelayError('input-invalid', `${meant.length} things of ${platform} have backups`, {
      hint: `name one: ${names.map((one) => `belay restore ${one}`).join(', ')}`,
    });
  }
  const asked = [service, thing].filter((one) => one !== undefined).join(', ');
  const services = [...new Set(all.map((one) => one.service))];
  const isNamed = service !== undefined && !services.includes(service);
  throw new BelayError('input-invalid', `${asked}: belay.yaml of ${platform} has no backup of that`, {
    hint: namesHint(isNamed ? service : [], services, `there are: ${names.join(', ')}`),
  });
}

/** Throws `instance-lost` where the container of the data does not run. A restore could not even take itself back. Pure. */
export function refuseStopped(
  backup: FoundBackup,
  { instances }: { instances: Array<Pick<ObservedInstance, 'name' | 'state'>> },
): void {
  const { container, service } = backup;
  if (instances.some(({ name, state }) => name === container && state === 'running')) return;
  throw new BelayError(
    'instance-lost',
    `${thingText(backup)} is restored into a server that runs, and ${container} does not`,
    {
      hint: `start ${service} first: docker start ${container}; then restore`,
    },
  );
}
