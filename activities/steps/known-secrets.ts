import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from '../../src/host';
import { listFolder } from '../../src/hosts/file';
import { hostPaths, type ServiceKey } from '../../src/hosts/home';
import type { Revision } from '../../src/hosts/revision';
import { artifactName } from '../../src/model/artifact';

type World = Pick<Deps, 'home' | 'ledger' | 'masker' | 'runtimeOf'>;

/** Time of the last change that was read: of each revision file, and of the folder. */
const learned = new Map<string, number>();

/** After a restart, reload the secret values to mask from the ledger. */
export async function knowSecrets(
  { home, ledger, masker, runtimeOf }: World,
  { platform, service }: ServiceKey,
): Promise<void> {
  const folder = hostPaths(home).revisions({ platform, service });
  const changedAt = await changeOf(folder);
  if (learned.get(folder) === changedAt) return;
  const numbers = (await listFolder(folder)).flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number);
  const known = ledger.of({ platform, service });
  await Promise.all(
    numbers.map(async (number) => {
      const file = join(folder, `${number}.json`);
      const changed = await changeOf(file);
      if (learned.get(file) === changed) return;
      const revision = await known.revision(number);
      if (revision) addTo({ masker, runtimeOf }, { platform, service, revision });
      learned.set(file, changed);
    }),
  );
  learned.set(folder, changedAt);
}

/** The same for all services of the platform. */
export async function knowPlatform(world: World, platform: string): Promise<void> {
  const services = await world.ledger.services(platform);
  await Promise.all(services.map((service) => knowSecrets(world, { platform, service })));
}

const changeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

function addTo(
  { masker, runtimeOf }: Pick<World, 'masker' | 'runtimeOf'>,
  { platform, service, revision }: ServiceKey & { revision: Revision },
): void {
  const { configuration, snapshots = {}, desired } = revision;
  const runtime = runtimeOf(desired.runtime);
  const started = Object.values(snapshots).map((template) => runtime.read(template));
  const created = configuration && runtime.read(configuration.create);
  const environments = [created, ...started].map((one) => one?.environment ?? {});
  // A database user with the platform's name is no secret.
  const names = [platform, service, artifactName(desired.artifact), ...started.map((one) => one.image)];
  const set = Object.values(desired.overrides?.values ?? {});
  const publicText = [configuration?.publicText, ...names, ...set].join('\n');
  for (const values of environments) masker.add(values, publicText);
  if (configuration?.secrets) masker.add(configuration.secrets as Record<string, string>, publicText);
}
