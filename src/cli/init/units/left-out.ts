import type { Unit } from '../../systemd/unit';

/** Returns why a first spec leaves a unit out; undefined if it takes it in. Pure. */
export function leftOut({ id, file, type, active, load, command }: Unit): string | undefined {
  if (load !== 'loaded') return `systemd does not have it (${load})`;
  if (isBelays({ id, command })) return 'it runs Belay itself';
  if (type === 'oneshot') return 'it ends by itself (Type=oneshot)';
  if (active !== 'active') return `it does not run (${active}): systemctl start ${id}, and run belay init again`;
  return file === '' ? 'it has no file' : undefined;
}

const isBelays = ({ id, command }: Pick<Unit, 'id' | 'command'>): boolean =>
  /^belay(-worker)?\.service$/.test(id) || command.some((word) => /(^|\/)belay($|\/)/.test(word));

/** Tells if an operator has written the unit, and not the distribution, some of whose units are masked. Pure. */
export const isOwn = ({ file, load }: Pick<Unit, 'file' | 'load'>): boolean =>
  file.startsWith('/etc/systemd/system/') && load !== 'masked';
