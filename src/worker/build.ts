import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { version } from '../package-root';

/** Returns a build's name in the histories of its workflows: Belay's version, and a checksum of the workflow code. */
export const buildOf = (bundle: string): string =>
  `belay@${version()}+${createHash('sha256').update(readFileSync(bundle)).digest('hex').slice(0, 12)}`;
