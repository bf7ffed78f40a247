import type { Advice } from '../../advice';
import { missingLines } from '../chosen';
import { mapFileIn } from '../map';
import { findBackend, type HaproxyConfig } from '../sections';
import type { BackendNeed } from './backend';

/** Returns advice on the lines that a backend lacks to send chosen clients to a canary. */
export function adviseChosen(config: HaproxyConfig, text: string, { backend, match }: BackendNeed): Advice[] {
  const file = mapFileIn(text);
  const lines = match ? missingLines(config, { backend, match, file }) : [];
  if (lines.length === 0) return [];
  const kind = findBackend(config, backend)?.kind ?? 'backend';
  const why = `strategy.match sends chosen clients to the canaries. Belay names their servers in the map at run time; HAProxy starts only if the file ${file} is there, an empty one will do.`;
  return [{ severity: 'must', section: `${kind} ${backend}`, what: 'no choice of clients', why, lines }];
}
