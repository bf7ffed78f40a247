/** Returns a unit's name as its file has it: `shop-api@.service` for an instance. Pure. */
export const templateOf = (id: string): string => id.replace(/@.*\.service$/, '@.service');

/** Returns the part after `@`; empty for a unit of no template. Pure. */
export const instanceOf = (id: string): string => /@(.*)\.service$/.exec(id)?.[1] ?? '';
