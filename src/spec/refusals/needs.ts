import { kindsWith, needKinds, needOptions } from '../checks';
import type { Path, Problem } from '../problem';
import { didYouMean, listed } from '../sentences';
import type { Need } from '../spec';
import type { ServiceContext } from '.';

/** Problems of needs: each has exactly one kind with its own keys, and names known services. */
export function needRefusals({ spec, service, path }: ServiceContext): Problem[] {
  const known = Object.keys(spec.services);
  return service.needs.flatMap((need, index) => {
    const at: Path = [...path, 'needs', index];
    return [...oneKind(need, at), ...foreignKeys(need, at), ...unknownService(need, at, known)];
  });
}

const kinds = ['service' as const, ...needKinds];

function oneKind(need: Need, at: Path): Problem[] {
  const given = kinds.filter((kind) => need[kind] !== undefined);
  if (given.length === 1) return [];
  const message = given.length === 0 ? 'does not say what is needed' : `has ${given.join(' and ')}`;
  const hint = `write exactly one of ${listed(kinds)}`;
  return [{ path: at, message, hint, reads: kinds.map((kind) => [...at, kind]) }];
}

function foreignKeys(need: Need, at: Path): Problem[] {
  const refuse = (key: keyof Need, message: string, hint: string): Problem[] =>
    need[key] === undefined ? [] : [{ path: [...at, key], atKey: true, message, hint }];
  const ordered = 'is for dependencies outside of this file; a service in it is ready by its own health.ready';
  const foreign = needOptions
    .filter((option) => kindsWith(option).every((kind) => need[kind] === undefined))
    .flatMap((option) => refuse(option, `belongs to ${kindsWith(option).join(' and ')}`, 'leave it out'));
  if (need.service === undefined) return foreign;
  return [...foreign, ...refuse('required', ordered, 'leave it out'), ...refuse('within', ordered, 'leave it out')];
}

function unknownService({ service: name }: Need, needAt: Path, known: string[]): Problem[] {
  if (name === undefined) return [];
  const at: Path = [...needAt, 'service'];
  if (name === at[1]) return [{ path: at, message: 'is the service itself', hint: 'leave it out' }];
  if (known.includes(name)) return [];
  const meant = didYouMean(name, known);
  const hint = meant ? `did you mean ${meant}?` : `write one of ${known.join(', ')}`;
  return [{ path: at, message: `there is no service ${name} in this file`, hint, reads: [['services', name]] }];
}
