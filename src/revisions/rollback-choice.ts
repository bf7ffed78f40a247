import { BelayError } from '../errors';
import type { Revision } from '../hosts/revision';
import { artifactName } from '../model/artifact';
import type { RollbackInput } from '../model/requests';
import { isRemoval } from '../model/task';
import { refuseUnknownServices, type ServicePast } from './rollback-past';

export type TargetRequest = Pick<RollbackInput, 'platform'> & { to: NonNullable<RollbackInput['to']> };
export type ChosenRevision = ServicePast & { target: Revision };

/** The chosen revisions: of a single service, of each service, of all that one release made, or Compose's own (0). */
export function choose(all: ServicePast[], { platform, to }: TargetRequest): ChosenRevision[] {
  if (to === 0 && all.length > 1) return composed(all).map((one) => atNumber(platform, one, 0));
  if (typeof to === 'number') return [atNumber(platform, theOne(platform, all, to), to)];
  if (typeof to === 'string') return ofRelease(platform, all, to);
  const named = Object.keys(to);
  if (named.length === 0) throw new BelayError('input-invalid', 'to: names no service', { hint: 'such as api=4' });
  refuseUnknownServices(
    all.map((one) => one.service),
    named,
  );
  return all.filter((one) => one.service in to).map((one) => atNumber(platform, one, to[one.service]!));
}

/**
 * Revision 0 of every service that Compose had started. If there is none, all services, so that the refusal names them.
 */
function composed(all: ServicePast[]): ServicePast[] {
  const found = all.filter(({ revisions }) => revisions.some(({ number }) => number === 0));
  return found.length > 0 ? found : all;
}

/** A number other than 0 needs a single service, as each service counts its own. */
function theOne(platform: string, all: ServicePast[], to: number): ServicePast {
  const [one, ...others] = all;
  if (!one) throw new BelayError('revision-unknown', `${platform}: this host has no recorded revision of it`);
  if (others.length === 0) return one;
  const having = all.filter(({ revisions }) => revisions.some(({ number }) => number === to));
  if (having.length === 0) throw noneHas(platform, all, to);
  const names = having.map(({ service }) => service);
  throw new BelayError(
    'input-invalid',
    `to: revision ${to} is ambiguous: each service counts its own, and ${names.join(' and ')} ${names.length > 1 ? 'have' : 'has'} one`,
    { hint: `--service ${names[0]} --to ${to}, or --to ${names.map((name) => `${name}=${to}`).join(',')}` },
  );
}

const noneHas = (platform: string, all: ServicePast[], to: number): BelayError =>
  new BelayError('revision-unknown', `${platform}: this host's ledger has no revision ${to} of any service`, {
    hint: all.map((one) => `${one.service}: ${others(one)}`).join('; '),
  });

function ofRelease(platform: string, all: ServicePast[], release: string): ChosenRevision[] {
  // Revision 0 stands under the release that adopted it, which did not make it.
  const made = all.flatMap((one) => {
    const target = one.revisions.filter(({ number, release: by }) => number > 0 && by === release).at(-1);
    return target ? [atNumber(platform, one, target.number)] : [];
  });
  if (made.length > 0) return made;
  if (/^\d+$/.test(release)) throw quotedNumber(all, release);
  throw new BelayError('revision-unknown', `to: no revision of ${platform} on this host was made by ${release}`, {
    hint: `belay history -p ${platform} shows the releases that made revisions`,
  });
}

function quotedNumber([one]: ServicePast[], number: string): BelayError {
  const byService = one ? `, or { "${one.service}": ${Number(number)} }` : '';
  return new BelayError('revision-unknown', `to: "${number}" is read as the id of a release`, {
    hint: `for revision ${Number(number)} write ${Number(number)} without quotes${byService}`,
  });
}

function atNumber(platform: string, past: ServicePast, number: number): ChosenRevision {
  const { service, revisions } = past;
  const target = revisions.find((one) => one.number === number);
  if (!target) throw noSuch(platform, past, number);
  if (target.state !== 'recorded') throw neverRecorded(platform, past, target);
  return { ...past, target: usable(platform, service, target) };
}

/** Throws `revision-unknown` if the revision cannot be launched again. */
export function usable(platform: string, service: string, target: Revision): Revision {
  if (isUsable(target)) return target;
  const { number, desired } = target;
  throw new BelayError(
    'revision-unknown',
    `${platform}: the configuration of revision ${number} of ${service} is no longer on this host`,
    {
      hint: `release it again: belay release --version ${service}=<tag> (it was ${artifactName(desired.artifact)}); \`belay prune\` removes revisions beyond keep in belay.yaml`,
    },
  );
}

/** Revisions that a rollback can lead to, newest first: recorded, with a complete configuration. */
export const reachable = ({ head, revisions }: ServicePast): Revision[] =>
  revisions.filter((one) => one.state === 'recorded' && one.number !== head && isUsable(one)).reverse();

/** A revision that removed the service launches nothing, so it needs no configuration. */
const isUsable = ({ configuration, snapshots, task }: Revision): boolean =>
  configuration !== undefined || snapshots !== undefined || isRemoval({ task });

function noSuch(platform: string, past: ServicePast, number: number): BelayError {
  const message = `${platform}: this host's ledger has no revision ${number} of ${past.service}`;
  return new BelayError('revision-unknown', message, { hint: others(past) });
}

function neverRecorded(platform: string, past: ServicePast, { number, state, release, reason }: Revision): BelayError {
  const why =
    state === 'abandoned' ? `${release} was rolled back before it was done` : `${release} began it and never finished`;
  const message = `${platform}: revision ${number} of ${past.service} was never recorded: ${why}${reason && ` (${reason})`}`;
  return new BelayError('revision-unknown', message, { hint: others(past) });
}

function others(past: ServicePast): string {
  const numbers = reachable(past).map(({ number }) => number);
  return numbers.length > 0
    ? `a rollback can go to ${numbers.join(', ')}`
    : `${past.service} has no other revision to go back to`;
}
