import { belayHome } from '../../hosts/home';
import { createLedger, type Ledger } from '../../hosts/ledger';
import { platformsIn, servicesIn } from '../../spec/environment';
import type { Context } from '../context';
import { findProject, platformOf, readerOf, type WhichPlatform } from '../project';
import type { ValueKind } from './values';

/**
 * Returns the words of a kind, from the project of this folder and the host's ledger. Never throws. Names that no spec
 * may have are left out: bash expands words, and a folder from elsewhere may hold anything.
 */
export async function wordsOf(context: Context, kind: ValueKind, line = ''): Promise<string[]> {
  const ledger = createLedger({ home: belayHome(context.env) });
  const words = await wordsBy[kind]({ context, ledger, options: optionsIn(line) }).catch(() => []);
  return [...new Set(words)].filter((word) => /^[\w.=-]+$/.test(word)).sort();
}

interface Place {
  context: Context;
  ledger: Ledger;
  options: WhichPlatform;
}

/** Options on the line that name another project. */
function optionsIn(line: string): WhichPlatform {
  const words = line.split(/\s+/);
  const valueOf = (...flags: string[]) => words[words.findIndex((word) => flags.includes(word)) + 1 || Infinity];
  return { file: valueOf('-f', '--file'), platform: valueOf('-p', '--platform'), env: valueOf('--env') };
}

const wordsBy: Record<ValueKind, (place: Place) => Promise<string[]>> = {
  services,
  assignments: async (place) => (await services(place)).map((service) => `${service}=`),
  async revisions({ context, ledger, options }) {
    const platform = platformOf(context, options);
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
  environments: async (place) => there(place).flatMap(({ env }) => env ?? []),
  platforms: async (place) => [
    ...there(place).map(({ platform }) => platform),
    ...(await place.ledger.platforms().catch(() => [])),
  ],
};

/** Those of the file, and those that the host still knows. */
async function services({ context, ledger, options }: Place): Promise<string[]> {
  const folder = findProject(context, options);
  const released = await ledger.services(platformOf(context, options)).catch(() => []);
  const isOther = options.platform !== undefined;
  return [...(folder === undefined || isOther ? [] : servicesIn(readerOf(folder))), ...released];
}

function there({ context, options }: Place) {
  const folder = findProject(context, options);
  return folder === undefined ? [] : platformsIn(readerOf(folder));
}
