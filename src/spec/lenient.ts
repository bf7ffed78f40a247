import type { LiveCheck, ReadyCheck, ServiceSpec, Validation } from './spec';
import { vacuousTest } from './vacuous';

/** Returns a warning for each check of a service that passes whatever the instance does. Pure. */
export function lenientChecks({ health, validate }: Pick<ServiceSpec, 'health' | 'validate'>): string[] {
  const named = validate.map((one): [string, Given] => [`test ${one.name}`, one]);
  const all: Array<[string, Given | undefined]> = [
    ['health.ready', health.ready],
    ['health.live', health.live],
    ...named,
  ];
  return all.flatMap(([at, check]) => (check ? lenience(check).map((what) => `${at} ${what}`) : []));
}

type Given = ReadyCheck | LiveCheck | Validation;

function lenience({ command, status, json }: Given): string[] {
  const idle = command && vacuousTest(['CMD', ...command]);
  const isAny = !json && finalClasses.every((one) => [status].flat().includes(one));
  return [
    ...(idle === undefined
      ? []
      : [`cannot fail (${idle}): it passes whatever the instance does. Run a program that asks it`]),
    ...(isAny ? ['takes every status: errors pass too. Leave out 5xx, or write json with a member of the answer'] : []),
  ];
}

/** Each answer ends with a status of one of these. */
const finalClasses = ['2xx', '3xx', '4xx', '5xx'];
