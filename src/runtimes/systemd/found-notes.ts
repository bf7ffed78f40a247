import { changeKeptFiles, type KeptFiles, type KeptKey, keptFiles } from '../../hosts/kept-artifacts';
import type { SystemdHost } from './units';

type Home = Pick<SystemdHost, 'home'>;

/** A unit that ran before the first release, the path that a release takes, and where its former content is. */
export type Found = NonNullable<KeptFiles['found']>[number];

export const foundIn = async (host: Home, key: KeptKey): Promise<Found[]> => (await keptFiles(host, key))?.found ?? [];

interface Noted {
  found: Found;
  folder?: string;
  bytes?: number;
  madeAt?: number;
}

/** Notes a unit that ran before the first release, and what stood at its path. */
export const noteFound = (host: Home, key: KeptKey, { found, folder, bytes = 0, madeAt }: Noted): Promise<void> =>
  changeKeptFiles(host, key, (kept) => ({
    bytes: (kept?.bytes ?? 0) + bytes,
    madeAt: madeAt ?? kept?.madeAt ?? Date.now(),
    placed: [...new Set([...(kept?.placed ?? []), ...(folder ? [folder] : [])])],
    links: [...new Set([...(kept?.links ?? []), ...(found.link ? [found.link] : [])])],
    found: [
      ...(kept?.found ?? []).filter(({ unit, link }) => unit !== found.unit || (link && link !== found.link)),
      found,
    ],
  }));

/** Notes a unit that ran before the first release; a second time keeps what is known of its path. */
export async function noteUnit(host: Home, unit: string, key: KeptKey): Promise<void> {
  const isKnown = (await foundIn(host, key)).some((one) => one.unit === unit);
  if (!isKnown) await noteFound(host, key, { found: { unit } });
}

/** Forgets what stood at the paths of a unit: it stands there again. */
export const forget = (host: Home, key: KeptKey, unit: string): Promise<void> =>
  changeKeptFiles(host, key, (kept) => {
    if (!kept) return undefined;
    const others = (kept.found ?? []).filter((one) => one.unit !== unit);
    return { ...kept, found: [...others, { unit }], ...(!others.some((one) => one.original) && { bytes: 0 }) };
  });
