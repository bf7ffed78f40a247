import { partOf } from '../spec/backups/part';
import type { DesiredBackup } from './desired';

/** The thing to back up in words: `db (postgres shop)`. Pure. */
export const thingText = ({ service, what }: Pick<DesiredBackup, 'service' | 'what'>): string =>
  `${service} (${partText(what)})`;

/** The part of the service in words: `postgres shop`, `volume /data`. */
function partText(what: DesiredBackup['what']): string {
  const { kind, part } = partOf(what);
  return part === undefined ? kind : `${kind} ${part}`;
}
