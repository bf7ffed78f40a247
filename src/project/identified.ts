import type { DesiredRoute, DesiredService, StopPolicy } from '../model/desired';
import { contentDigest } from '../runtimes/docker/compose/contents';
import { composeFacts } from '../runtimes/docker/compose/facts';
import { currentFormula, fingerprint, instructionsFingerprint } from '../runtimes/docker/compose/fingerprint';
import type { ComposeProject } from '../runtimes/docker/compose/project';
import { engineInstructions } from '../runtimes/docker/compose/told';

export interface Identity {
  compose: ComposeProject;
  name: string;
  digest: string;
  ports: number[];
  routes: DesiredRoute[];
  stop: StopPolicy;
  former?: Pick<DesiredService, 'fingerprint' | 'formula' | 'own' | 'again'>;
}

/**
 * The service with its fingerprint, by the formula of the revision it is compared with if both agree. So an upgrade of
 * Belay or Compose alone shows no change.
 */
export async function identified(
  one: Identity,
  key: Buffer,
): Promise<Pick<DesiredService, 'fingerprint' | 'formula' | 'parts' | 'again'>> {
  const { compose, name, former } = one;
  const content = await contentDigest(compose, name);
  const { fingerprint, parts } = instructionsFingerprint(
    engineInstructions({ ...one, project: compose, service: name, content }),
    key,
  );
  const now = { fingerprint, parts, formula: currentFormula };
  if (!former) return now;
  const before = former.own ?? former.fingerprint;
  const { again } = former;
  const isBefore = (own: string) => own === (again?.of ?? before);
  if (former.formula === currentFormula && isBefore(fingerprint)) return { ...now, fingerprint: before, again };
  if (former.formula === undefined && isBefore(await firstFingerprint(one, key)))
    return { fingerprint: before, parts, again };
  return now;
}

/** The fingerprint by the first formula, which revisions without a formula number use. */
export async function firstFingerprint({ compose, name, ...one }: Identity, key: Buffer): Promise<string> {
  const { environment } = composeFacts(compose, name);
  const content = await contentDigest(compose, name, { mounted: false });
  return fingerprint({ ...one, configHash: compose.hashes[name] ?? '', environment, content }, key);
}
