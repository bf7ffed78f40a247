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
  target: DesiredService;
  site: Site;
}

/**
 * What a rollback asks for, by the ledger alone: the services named, else those that the latest release has touched, each
 * at the revision before. Throws `platform-unknown`, `input-invalid`, and `revision-unknown` when there is nothing before.
 */
export async function rollbackOf(
  ledger: Ledger,
  platform: string,
  names?: string[],
): Promise<{ services: DesiredService[]; site: Site }> {
  const known = await ledger.services(platform).catch(() => []);
  if (known.length === 0) throw unknownPlatform(platform, await ledger.platforms());
  refuseUnknown(known, names);
  const all = await Promise.all(
    known.filter((name) => names?.includes(name) ?? true).map((service) => candidate(ledger, platform, service)),
  );
  const found = all.filter((one) => one !== undefined);
  if (found.length === 0) throw nothingBefore(platform);
  const newest = found.reduce((a, b) => (b.latest.createdAt > a.latest.createdAt ? b : a));
  const chosen = names ? found : found.filter((one) => one.latest.release === newest.latest.release);
  const proxies = Object.assign({}, ...chosen.map((one) => one.site.proxies)) as Site['proxies'];
  return { services: chosen.map((one) => one.target), site: { proxies, ports: newest.site.ports } };
}

async function candidate(ledger: Ledger, platform: string, service: string): Promise<Candidate | undefined> {
  const own = ledger.of({ platform, service });
  const [head, revisions] = [await own.head(), await own.revisions()];
  const target = rollbackTarget({ head, revisions });
  const latest = revisions.filter((one) => one.state === 'pending' || one.number === head).at(-1);
  if (!target || !latest?.site) return undefined;
  return { service, latest, target: keptService(target), site: latest.site };
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

function nothingBefore(platform: string): BelayError {
  return new BelayError(
    'revision-unknown',
    `${platform}: no service has a revision before the present one to go back to`,
    {
      hint: `belay history ${platform} lists what there was`,
    },
  );
}
