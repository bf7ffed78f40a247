/** The members that say something. */
export function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

/** Compose prints defaults too: null, and empty lists and objects however deep, are nobody's wish. */
export function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return false;
  return typeof value === 'object' ? Object.values(value).some(isSet) : true;
}
