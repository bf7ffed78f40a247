import type { DesiredService, Overrides } from '../model/desired';
import { currentFormula, instructionsFingerprint, overriddenFingerprint } from '../runtimes/fingerprint';
import type { Sources, ToldRequest } from '../runtimes/runtime';

export interface Identity extends ToldRequest {
  sources: Sources;
  name: string;
  former?: Pick<DesiredService, 'fingerprint' | 'formula' | 'own' | 'again'>;
  /** Variables in place of those of the files. */
  overrides?: Omit<Overrides, 'of'>;
}

type Identified = Pick<DesiredService, 'fingerprint' | 'formula' | 'parts' | 'again' | 'overrides'>;

/**
 * The service with its fingerprint, by the formula of the revision it is compared with if both agree. So an upgrade of
 * Belay or Compose alone shows no change.
 */
export async function identified(
  { sources, name, former, overrides, ...asked }: Identity,
  key: Buffer,
): Promise<Identified> {
  const { fingerprint: plain, parts } = instructionsFingerprint(await sources.told(name, asked), key);
  const whole = (of: string) => (overrides ? overriddenFingerprint(of, overrides.values, key) : of);
  const replaced = (of: string) => overrides && { overrides: { ...overrides, of } };
  const now = { fingerprint: whole(plain), parts, formula: currentFormula, ...replaced(plain) };
  if (!former) return now;
  const before = former.own ?? former.fingerprint;
  const { again } = former;
  const isBefore = (own: string) => own === (again?.of ?? before);
  if (former.formula === currentFormula && isBefore(now.fingerprint)) return { ...now, fingerprint: before, again };
  if (former.formula !== undefined) return now;
  const first = await sources.formerFingerprint?.(name, asked, key);
  if (first === undefined || !isBefore(whole(first))) return now;
  return { fingerprint: before, parts, again, ...replaced(first) };
}
