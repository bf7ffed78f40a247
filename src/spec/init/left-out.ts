import { listed } from '../sentences';
import { isServiceName } from '../spec';
import type { ComposeService } from '.';
import { type Evidence, isStore, weigh } from './knowledge';

/** The reason why a first spec leaves a service to Compose; undefined if the spec includes it. */
export function skipReason(service: ComposeService): string | undefined {
  const {
    name,
    image,
    builds,
    isBuilt,
    isAlone,
    awaitedBy = [],
    replicas,
    udp = [],
    traits,
    shared,
    refused,
  } = service;
  if (!isServiceName(name)) return 'its name begins with a dot or a hyphen, or has more than 100 characters';
  if (replicas === 0)
    return 'the Compose file scales it to 0, so nothing of it runs; to release it, name it here with instances: 1';
  const { kind, evidence } = weigh({ name, image, awaitedBy, ...traits });
  if (kind === 'one-shot') return oneShot(awaitedBy, evidence);
  if (isStore(kind) && !isAlone)
    return `${wordsOf(kind, image, evidence)}, which Compose keeps running${isShort(service) ? '' : how}`;
  if (!image && builds && !isBuilt)
    return `it has no image beside build, and ${builds} is not on this host: docker compose build ${name}, then belay init again; or push an image, and name it`;
  if (!image && !builds) return 'it has no image; build and push one, and name it in the Compose file';
  if (shared) return shared;
  if (refused) return refused;
  if (udp.length > 0 && (replicas ?? 1) > 1)
    return `it publishes ${listed(udp)} over UDP, which one container alone can have, and it has ${replicas} instances`;
  return undefined;
}

const how = '; to release it too, name it here with strategy: { kind: recreate }';

const isShort = ({ isOneOfMany }: ComposeService): boolean => isOneOfMany === true;

function oneShot(awaitedBy: string[], evidence: Evidence[]): string {
  if (awaitedBy.length > 0)
    return `it ends by itself, and ${listed(awaitedBy)} ${awaitedBy.length > 1 ? 'wait' : 'waits'} for its end: a release runs it as a job when what it runs has changed`;
  return `it ends by itself (${saying(evidence, (kind) => kind === 'one-shot')}); to run it in a release, write it as a job of the service that needs it`;
}

/** An image that says it all needs no more words. */
function wordsOf(kind: string, image: string | undefined, evidence: Evidence[]): string {
  const byImage = evidence.some(({ kind: one, weight, at }) => one === kind && weight === 'alone' && at[1] === 'image');
  if (byImage) return `${image} is a ${kind}`;
  return `it is a ${kind} (${saying(evidence, (one) => one !== 'store' && isStore(one))})`;
}

const saying = (evidence: Evidence[], counts: (kind: Evidence['kind']) => boolean): string =>
  evidence
    .filter(({ kind, weight }) => counts(kind) && !['against', 'rules out'].includes(weight))
    .map(({ at, says }) => [at.slice(1).join(' '), says].filter(Boolean).join(': '))
    .join(', ');
