import type { Advice } from '../../advice';
import { lineChanges } from '../chosen';
import { findBackend, type HaproxyConfig } from '../sections';
import type { BackendNeed } from './backend';
import type { Written } from './choice';

/** Returns advice on the lines that a backend lacks to send chosen clients to a canary. */
export function adviseChosen(config: HaproxyConfig, { map: file }: Written, { backend, match }: BackendNeed): Advice[] {
  const { missing, foreign } = match ? lineChanges(config, { backend, match, file }) : { missing: [], foreign: [] };
  const section = `${findBackend(config, backend)?.kind ?? 'backend'} ${backend}`;
  const others = foreign.map((line): Advice => {
    const why = `strategy.match does not choose these clients: take the line out. It says "${line}".`;
    return { severity: 'must', section, what: 'a choice of other clients', why, lines: [] };
  });
  if (missing.length === 0) return others;
  const why = `strategy.match sends chosen clients to the canaries. Belay names their servers in the map at run time; HAProxy starts only if the file ${file} is there, an empty one will do.`;
  return [{ severity: 'must', section, what: 'no choice of clients', why, lines: missing }, ...others];
}
