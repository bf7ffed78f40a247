import type { LiveCheck, PlatformTest, ReadyCheck, ServiceSpec, Validation } from './spec';
import { vacuousTest } from './vacuous';

/** Returns a warning for each check and each need of a service that passes whatever there is. Pure. */
export function lenientChecks({
  health,
  validate,
  needs,
}: Pick<ServiceSpec, 'health' | 'validate' | 'needs'>): string[] {
  const said = (at: string, check?: Given) => (check ? lenience(check).map((what) => `${at} ${what}`) : []);
  return [
    ...said('health.ready', health.ready),
    ...said('health.live', health.live),
    ...tested(validate, 'the instance'),
    ...needs.flatMap(({ command }, index) =>
      lenience({ command }, 'its dependency').map((what) => `needs[${index}] ${what}`),
    ),
  ];
}

/** Returns a warning for each test of the platform that passes whatever it asks. Pure. */
export const lenientTests = (tests: PlatformTest[]): string[] => tested(tests, 'the platform');

const tested = (tests: Array<Validation | PlatformTest>, subject: string): string[] =>
  tests.flatMap((one) => lenience(one, subject).map((what) => `test ${one.name} ${what}`));

type Given = Partial<Pick<ReadyCheck | LiveCheck | Validation, 'command' | 'status' | 'json'>>;

function lenience({ command, status, json }: Given, subject = 'the instance'): string[] {
  const idle = command && vacuousTest(['CMD', ...command]);
  const isAny = !json && finalClasses.every((one) => [status].flat().includes(one));
  return [
    ...(idle === undefined
      ? []
      : [`cannot fail (${idle}): it passes whatever ${subject} does. Run a program that asks it`]),
    ...(isAny ? ['takes every status: errors pass too. Leave out 5xx, or write json with a member of the answer'] : []),
  ];
}

/** Each answer ends with a status of one of these. */
const finalClasses = ['2xx', '3xx', '4xx', '5xx'];
