import { templateOf } from '../../systemd/names';

/** Returns the subject of a unit's checks: `unit shop-worker`. Pure. */
export const titleOf = (id: string): string => `unit ${id.replace(/\.service$/, '')}`;

/** Returns the command that adds settings to a unit. Pure. */
export const editing = (id: string): string => `systemctl edit ${templateOf(id)}, and write`;
