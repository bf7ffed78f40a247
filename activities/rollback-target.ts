import { BelayError } from '../src/errors';
import type { Ledger } from '../src/hosts/ledger';
import type { Revision } from '../src/hosts/revision';
import { keptService, rollbackTarget } from '../src/plan/plan-rollback';
import type { DesiredService, Site } from '../src/spec/desired';
import { didYouMean } from '../src/spec/sentences';

interface Candidate {
  service: string;
  /** The newest that was begun or recorded. */
  latest: Revision;
  /** Absent where there is nothing before. */
  target?: Revision;
}

/**
 * What a rollback asks for, by the ledger alone: the services named, else those that the latest release has touched, each
 * at the revision before. Throws `platform-unknown`, `input-invalid`, and `revision-unknown` where there is nothing before,
 * or where that is not kept any more.
 */
export async function rollbackOf(
  ledger: Ledger,
  platform: string,
  names?: string[],
): Promise<{ services: DesiredService[]; site: Site }> {
  const known = await ledger.services(platform).catch(() => []);
  if (known.length === 0) throw unknownPlatform(platform, await ledger.platforms());
  refuseUnknown(known, names);
  const asked = known.filter((name) => names?.includes(name) ?? true);
  const all = await Promise.all(asked.map((service) => candidate(ledger, platform, service)));
  const found = all.filter((one) => one !== undefined);
  const [newest] = found.map((one) => one.latest).sort(byNewest);
  if (!newest) throw nothingBefore(platform, asked);
  const chosen = names ? found : found.filter((one) => one.latest.release === newest.release);
  const targets = chosen.map((one) => targetOf(platform, one));
  const sites = [...targets, ...chosen.map((one) => one.latest)].flatMap(({ site }) => site ?? []);
  return {
    services: targets.map(keptService),
    site: { proxies: Object.assign({}, ...sites.map(({ proxies }) => proxies)), ports: newest.site!.ports },
  };
}

const byNewest = (a: Revision, b: Revision): number => (a.createdAt < b.createdAt ? 1 : -1);

async function candidate(ledger: Ledger, platform: string, service: string): Promise<Candidate | undefined> {
  const own = ledger.of({ platform, service });
  const [head, revisions] = [await own.head(), await own.revisions()];
  const latest = revisions.filter((one) => one.state === 'pending' || one.number === head).at(-1);
  if (!latest?.site) return undefined;
  return { service, latest, target: rollbackTarget({ head, revisions }) };
}

function targetOf(platform: string, { service, target }: Candidate): Revision {
  if (!target) throw nothingBefore(platform, [service]);
  if (!target.configuration && !target.snapshots) throw notKept(platform, service, target);
  return target;
}

function refuseUnknown(known: string[], names: string[] = []): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const lines = unknown.map(
    (name) =>
      `services: the ledger knows no service ${name}${didYouMean(name, known) ? `, did you mean ${didYouMean(name, known)}?` : ''}`,
  );
  throw new BelayError('input-invalid', lines.join('; '), { hint: `it knows ${known.join(', ')}` });
}

function unknownPlatform(platform: string, known: string[]): BelayError {
  const there = known.length > 0 ? `it knows ${known.join(', ')}` : 'it is empty';
  return new BelayError('platform-unknown', `this host's ledger has no platform "${platform}"; ${there}`, {
    hint: 'a rollback goes by what was released on this host before: release first',
  });
}

function nothingBefore(platform: string, services: string[]): BelayError {
  const none = services.length === 1 ? `${services[0]} has no` : 'no service has a';
  return new BelayError('revision-unknown', `${platform}: ${none} revision before the present one to go back to`, {
    hint: `belay history -p ${platform} lists what there was; --service goes back with others alone`,
  });
}

const notKept = (platform: string, service: string, { number, desired }: Revision): BelayError =>
  new BelayError(
    'revision-unknown',
    `${platform}: revision ${number} of ${service} is not kept on this host any more`,
    {
      hint: `release it again: belay release --version ${service}=<tag> (it was ${desired.image.ref}); keep in belay.yaml says how many stay`,
    },
  );
