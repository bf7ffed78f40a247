import { dropInName } from './drop-in';
import type { KnownService } from './known';
import { assignments, type UnitLine, unitLines } from './unit-lines';
import { isLater } from './unit-texts';

/** Keys of the spec that have no effect, since another file of the host says otherwise. Pure. */
export const overridden = (one: KnownService): string[] => [...laterDropIns(one), ...environmentFiles(one)];

/** systemd reads drop-ins in the order of their names, and the last word counts. */
function laterDropIns({ dropIns, furtherDropIns, directives }: KnownService): string[] {
  const own = unitLines([['[Service]', ...directives].join('\n')]);
  return [...dropIns, ...furtherDropIns].filter(isLater).flatMap(({ path, text }) => {
    const theirs = unitLines([text]).filter(({ section }) => section === 'Service');
    const both = [...new Set(theirs.flatMap((line) => replacedBy(line, own)))];
    if (both.length === 0) return [];
    return [
      `${path} replaces ${both.join(', ')} of the spec, as systemd reads it after ${dropInName}: take these lines out of it`,
    ];
  });
}

/** The lines of the release that a later line replaces, without their values. */
function replacedBy({ name, value }: UnitLine, own: UnitLine[]): string[] {
  const same = own.filter(
    (one) => one.name === name || (name === 'TimeoutSec' && /^Timeout(Start|Stop)Sec$/.test(one.name)),
  );
  const parts = partsOf[name];
  if (value === '' || parts === undefined) return same.map((one) => `${one.name}=`);
  const names = parts(value);
  return same
    .flatMap((one) => parts(one.value))
    .filter((part) => names.includes(part))
    .map((part) => `${name}=${part}`);
}

/** Directives whose lines add up, with the part of each that a second one replaces. */
const partsOf: Record<string, ((value: string) => string[]) | undefined> = {
  Environment: (value) => assignments(value).map(([name]) => name),
  LoadCredential: (value) => [value.split(':')[0]!],
  // Its variables are compared one by one.
  EnvironmentFile: () => [],
};

/** systemd lets variables of files win over Environment=, wherever either stands. */
function environmentFiles({ service: { env = {} }, unitEnvFiles, envFiles }: KnownService): string[] {
  return [...unitEnvFiles, ...envFiles].flatMap(({ path, values }) =>
    Object.keys(values)
      .filter((name) => Object.hasOwn(env, name))
      .map((name) => `env.${name} has no effect: ${path} sets ${name} too, and systemd lets EnvironmentFile= win`),
  );
}
