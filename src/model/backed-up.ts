import type { DesiredBackup } from './desired';

/** The thing to back up in words: `db (postgres shop)`. Pure. */
export const thingText = ({ service, what }: Pick<DesiredBackup, 'service' | 'what'>): string =>
  `${service} (${partText(what)})`;

/** The part of the service in words: `postgres shop`, `volume /data`. */
function partText(what: DesiredBackup['what']): string {
  const [[kind, asked] = ['nothing', {}]] = Object.entries(what);
  const { database, path } = (asked ?? {}) as { database?: string; path?: string };
  return [kind, ...(database ? [database] : []), ...(path ? [path] : [])].join(' ');
}
