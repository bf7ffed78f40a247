import { listFolder, readText } from './file';
import { peekFile } from './format';
import { hostPaths, type ServiceKey } from './home';
import { servicesOf } from './port-claims';
import { type Revision, revisionFile } from './revision';

/** A service of another platform on the host, with its latest revision that was not abandoned. */
export interface Neighbour extends ServiceKey {
  latest: Revision;
}

/**
 * Returns the services of every other platform in the ledger. Unusable files are passed over, and stay where they are.
 */
export async function peekNeighbours({ home, platform }: { home: string; platform: string }): Promise<Neighbour[]> {
  const others = (await servicesOf(home)).filter((key) => key.platform !== platform);
  const all = await Promise.all(
    others.map(async (key) => {
      const revisions = await peekRevisions(home, key);
      const latest = revisions.filter(({ state }) => state !== 'abandoned').sort((a, b) => b.number - a.number)[0];
      return latest && { ...key, latest };
    }),
  );
  return all.filter((one) => one !== undefined);
}

async function peekRevisions(home: string, key: ServiceKey): Promise<Revision[]> {
  const paths = hostPaths(home);
  const names = (await listFolder(paths.revisions(key))).filter((name) => /^\d+\.json$/.test(name));
  const texts = await Promise.all(names.map((name) => readText(paths.revision(key, Number.parseInt(name, 10)))));
  return texts.flatMap((text) => peekFile(text, revisionFile) ?? []);
}
