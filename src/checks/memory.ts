import { sizeText } from '../model/quantities';
import type { InstanceFacts } from '../runtimes/runtime';
import { type Finding, warn } from './finding';

/** The memory for the time in which a release runs more instances than before. */
export interface MemoryQuestion {
  service: string;
  /** Most instances beside the present ones. */
  extra: number;
  /** The present ones. */
  instances: InstanceFacts[];
  /** Bytes. */
  available: number;
}

/** Checks if the further instances find the memory that the present ones use. No finding if so, or if nobody knows. Pure. */
export function memoryFinding({ service, extra, instances, available }: MemoryQuestion): Finding | undefined {
  const each = Math.max(0, ...instances.map(needOf));
  if (extra * each <= available) return undefined;
  const size = sizeText(each);
  const [more, of] = extra === 1 ? ['one more instance', size] : [`${extra} more instances`, `${size} each`];
  return warn(
    'memory',
    `${service}: the release runs ${more} for a while, of ${of}, and ${sizeText(available)} of memory are available`,
    'free memory, or write strategy: { kind: recreate }, which stops the old ones first',
  );
}

/** A reservation is its user's own word, and use is measured; a limit is only the most that it may take. */
const needOf = ({ used, reserved, limit }: InstanceFacts): number =>
  used === undefined && reserved === undefined ? (limit ?? 0) : Math.max(used ?? 0, reserved ?? 0);
