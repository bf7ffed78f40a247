import type { DesiredService } from '../model/desired';
import { currentFormula, instructionsFingerprint } from '../runtimes/fingerprint';
import type { Sources, ToldRequest } from '../runtimes/runtime';

export interface Identity extends ToldRequest {
  sources: Sources;
  name: string;
  former?: Pick<DesiredService, 'fingerprint' | 'formula' | 'own' | 'again'>;
}

/**
 * The service with its fingerprint, by the formula of the revision it is compared with if both agree. So an upgrade of
 * Belay or Compose alone shows no change.
 */
export async function identified(
  { sources, name, former, ...asked }: Identity,
  key: Buffer,
): Promise<Pick<DesiredService, 'fingerprint' | 'formula' | 'parts' | 'again'>> {
  const { fingerprint, parts } = instructionsFingerprint(await sources.told(name, asked), key);
  const now = { fingerprint, parts, formula: currentFormula };
  if (!former) return now;
  const before = former.own ?? former.fingerprint;
  const { again } = former;
  const isBefore = (own?: string) => own === (again?.of ?? before);
  if (former.formula === currentFormula && isBefore(fingerprint)) return { ...now, fingerprint: before, again };
  if (former.formula === undefined && isBefore(await sources.formerFingerprint?.(name, asked, key)))
    return { fingerprint: before, parts, again };
  return now;
}
