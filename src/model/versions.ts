import { type Artifact, artifactDigest, artifactRef, isSameArtifact } from './artifact';
import type { ServicePlan } from './plan';

/** Longest keyword that Temporal's stores keep. */
const longest = 255;

/** Target versions as keywords for searches: `api=2.5.0`, `web=latest`. Pure. */
export function versionWords(services: Array<Pick<ServicePlan, 'service' | 'to'>>): string[] {
  const words = services.map(({ service, to }) => `${service}=${versionOf(artifactRef(to.artifact))}`);
  return words.map((word) => (word.length <= longest ? word : `${word.slice(0, longest - 1)}…`));
}

/** A service's change in one line: `api: 1 → 2 (revision 4 → 5)`. Pure. */
export function changeText({ service, from, to, unchanged, removed }: ServicePlan): string {
  if (removed) return `${service}: revision ${from?.revision ?? 0} is removed`;
  if (unchanged) return `${service}: ${versionOf(artifactRef(to.artifact))}, unchanged`;
  if (!from) return `${service}: ${versionOf(artifactRef(to.artifact))} (revision ${to.revision}, its first)`;
  const version = (one: Artifact) => versionOf(artifactRef(one));
  const same = version(from.artifact) === version(to.artifact) && !isSameArtifact(from.artifact, to.artifact);
  const name = (one: Artifact) => {
    if (artifactRef(one) === '') return unnamed;
    return same ? `${version(one)} ${versionOf(artifactDigest(one))}` : version(one);
  };
  return `${service}: ${name(from.artifact)} → ${name(to.artifact)} (revision ${from.revision} → ${to.revision})`;
}

/** The version of an adopted container whose image has lost its name. */
export const unnamed = 'as it ran before Belay';

/** The tag of a reference. Without a tag, the short digest as Docker shows it, else `latest`. Pure. */
export function versionOf(ref: string): string {
  const tag = /^(?!sha256:)[^@]*:([^/@]+)(?=@|$)/.exec(ref)?.[1];
  return tag ?? /sha256:([0-9a-f]{12})/.exec(ref)?.[1] ?? 'latest';
}
