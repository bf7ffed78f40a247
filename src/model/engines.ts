/** The ids of a plan's runtimes as one text, each once and in order. Pure. */
export const engineText = (ids: string[]): string => [...new Set(ids)].sort().join(' ');

/** True if the plan was made for the runtime of this id. Pure. */
export const isAmong = (engines: string, id: string): boolean => engines.split(' ').includes(id);
