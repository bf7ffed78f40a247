/** Returns a unit's name as its file has it: `shop-api@.service` for an instance. Pure. */
export const templateOf = (id: string): string => id.replace(/@.*\.service$/, '@.service');
