import { BelayError } from '../../errors';
import { whereIs } from '../../runtimes/docker/compose/locate';
import { decide, kindOf } from '../../spec/init/decision';
import { stores, type Weight } from '../../spec/init/knowledge';
import { namesHint } from '../../spec/sentences';
import type { FoundCompose } from './compose';
import type { FoundService } from './services';

/** One piece of evidence in words, with its place. */
interface Said {
  where: string;
  says: string;
  /** What it speaks for: a kind of service, a port, or what becomes of a mount. */
  for: string;
  weight?: Weight;
}

/** The decision on one service, with all evidence. */
export interface Explained {
  name: string;
  kind?: string;
  release: string;
  why: string;
  evidence: Said[];
}

/**
 * Explains the named services, or all. Throws `input-invalid` for a name that the Compose file does not have, with one
 * that was meant.
 */
export function explain(found: FoundCompose, names: string[]): Explained[] {
  const known = found.services.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new BelayError('input-invalid', `--explain: ${found.files.join(', ')} has no service ${unknown}`, {
      hint: namesHint(unknown, known, `it has ${known.join(', ')}`),
    });
  }
  return found.services
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map((service) => explained(found, service));
}

function explained(found: FoundCompose, service: FoundService): Explained {
  const { kind, evidence } = kindOf(service);
  const { how, why } = decide(service);
  const { ports, mounts } = service.evidence;
  const said = [
    ...evidence.map(({ kind, weight, at, says }) => ({ where: where(found, at), says, for: kind, weight })),
    ...ports.map(({ port, protocol, at, says }) => ({
      where: where(found, at),
      says,
      for: [port === undefined ? '' : `port ${port}`, protocol ?? ''].filter(Boolean).join(' '),
    })),
    ...mounts.map(({ volume, shared, why }) => ({
      where: where(found, [service.name, 'volumes']),
      says: `${volume}: ${why}`,
      for: shared ? 'shared' : 'state',
    })),
  ];
  return { name: service.name, ...(kind && { kind }), release: how, why, evidence: said };
}

/** A mounted file has no place in the Compose file. */
const where = ({ project }: FoundCompose, at: string[]): string =>
  at.some((one) => one.includes('(')) ? at.join(' ') : whereIs(project, ['services', ...at]);

/** Returns the lines of an explanation, each piece of evidence once. */
export function explainedLines({ name, kind, release, why, evidence }: Explained): string[] {
  const lines = evidence
    .filter((one) => !isAgainst(one) || evidence.some((other) => !isAgainst(other) && speaksOf(other, one)))
    .map((one) => `  ${one.for}${one.weight ? `, ${strengths[one.weight]}` : ''}: ${one.where}: ${one.says}`);
  return [
    `${name}: ${release}`,
    `  because ${why}`,
    `  it counts as ${kind ? `a ${kind}` : 'a service like any other'}`,
    ...(lines.length > 0 ? [...new Set(lines)] : ['  the Compose file tells nothing more about it']),
  ];
}

const strengths: Record<Weight, string> = {
  proves: 'proves it',
  alone: 'decides alone',
  second: 'needs a second',
  against: 'speaks against it',
  'rules out': 'rules it out',
};

const isAgainst = ({ weight }: Said): boolean => weight === 'against' || weight === 'rules out';

/** Evidence against what nothing speaks for needs no line. */
const speaksOf = (one: Said, against: Said): boolean =>
  one.for === against.for || (against.for === 'store' && stores.some((store) => store === one.for));
