import { BelayError } from '../errors';
import type { Ledger } from '../hosts/ledger';
import type { Revision } from '../hosts/revision';
import { isRemoval } from '../model/task';
import { namesHint } from '../spec/sentences';

/** The ledger's records of a released service. */
export interface ServicePast {
  service: string;
  head?: number;
  revisions: Revision[];
  /** The newest revision, begun or recorded. */
  latest: Revision;
}

/**
 * The named services, else all of the platform that have been released here. Throws `platform-unknown`, and
 * `input-invalid` for unknown names.
 */
export async function pastOf(
  ledger: Ledger,
  platform: string,
  names?: string[],
  what: 'rollback' | 'restart' = 'rollback',
): Promise<ServicePast[]> {
  const known = await ledger.services(platform);
  if (known.length === 0)
    throw unknownPlatform(
      platform,
      await ledger.platforms(),
      `a ${what} needs an earlier release on this host: run belay release first`,
    );
  refuseUnknownServices(known, names);
  const asked = known.filter((name) => names?.includes(name) ?? true);
  const all = await Promise.all(asked.map((service) => servicePast(ledger, platform, service)));
  const found = all.filter((one) => one !== undefined);
  refuseJobs(found, names, what);
  return found;
}

/** Only what a job has done, and nothing has taken back yet, can be taken back: no instance of it runs. Pure. */
export const takesPart = ({ latest: { desired, task } }: ServicePast, what: 'rollback' | 'restart'): boolean =>
  desired.strategy.kind !== 'job' ||
  (what === 'rollback' && !isRemoval({ task }) && (desired.jobs ?? []).some(({ undo }) => undo));

function refuseJobs(found: ServicePast[], names: string[] = [], what: 'rollback' | 'restart'): void {
  const refused = found.find((one) => names.includes(one.service) && !takesPart(one, what));
  if (!refused) return;
  const { service } = refused;
  const why = what === 'restart' ? 'it ends by itself' : 'nothing takes back what it has done (undo)';
  throw new BelayError('input-invalid', `services: ${service} is a job: ${why}`, {
    hint: `it runs again once what it runs has changed: belay release --service ${service}`,
  });
}

async function servicePast(ledger: Ledger, platform: string, service: string): Promise<ServicePast | undefined> {
  const own = ledger.of({ platform, service });
  const [head, revisions] = [await own.head(), await own.revisions()];
  const latest = revisions.filter((one) => one.state === 'pending' || one.number === head).at(-1);
  return latest?.site && { service, head, revisions, latest };
}

/** Throws `input-invalid` for names that are not in `known`. */
export function refuseUnknownServices(known: string[], names: string[] = []): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const lines = unknown.map((name) => `services: the ledger knows no service ${name}`);
  const hint = namesHint(unknown, known, `it knows ${known.join(', ')}`);
  throw new BelayError('input-invalid', lines.join('; '), { hint });
}

export function unknownPlatform(platform: string, known: string[], hint?: string): BelayError {
  const text = `this host's ledger has no platform "${platform}"`;
  return known.length > 0
    ? new BelayError('platform-unknown', text, { hint: namesHint(platform, known, `it knows ${known.join(', ')}`) })
    : new BelayError('platform-unknown', `${text}; it is empty`, { hint });
}
