import { belayHome } from '../../hosts/home';
import { createLedger, type Ledger } from '../../hosts/ledger';
import { platformsIn, servicesIn } from '../../spec/environment';
import type { Context } from '../context';
import { findProject, platformOf, readerOf } from '../project';
import type { ValueKind } from './values';

/**
 * Returns the words of a kind, from the project of this folder and the host's ledger. Never throws. Names that no spec
 * may have are left out: bash expands words, and a folder from elsewhere may hold anything.
 */
export async function wordsOf(context: Context, kind: ValueKind): Promise<string[]> {
  const ledger = createLedger({ home: belayHome(context.env) });
  const words = await wordsBy[kind](context, ledger).catch(() => []);
  return [...new Set(words)].filter((word) => /^[\w.=-]+$/.test(word)).sort();
}

const wordsBy: Record<ValueKind, (context: Context, ledger: Ledger) => Promise<string[]>> = {
  services,
  assignments: async (context, ledger) => (await services(context, ledger)).map((service) => `${service}=`),
  async revisions(context, ledger) {
    const platform = platformOf(context, {});
    const known = await ledger.services(platform);
    const all = await Promise.all(
      known.map(async (service) => {
        const revisions = await ledger.of({ platform, service }).revisions();
        const recorded = revisions.filter(({ state }) => state === 'recorded');
        return recorded.map(({ number }) => (known.length === 1 ? String(number) : `${service}=${number}`));
      }),
    );
    return all.flat();
  },
  environments: async (context) => there(context).flatMap(({ env }) => env ?? []),
  platforms: async (context, ledger) => [
    ...there(context).map(({ platform }) => platform),
    ...(await ledger.platforms().catch(() => [])),
  ],
};

/** Those of the file, and those that the host still knows. */
async function services(context: Context, ledger: Ledger): Promise<string[]> {
  const folder = findProject(context, {});
  if (folder === undefined) return [];
  const released = await ledger.services(platformOf(context, {})).catch(() => []);
  return [...servicesIn(readerOf(folder)), ...released];
}

function there(context: Context) {
  const folder = findProject(context, {});
  return folder === undefined ? [] : platformsIn(readerOf(folder));
}
