/** A lock within this process: one act at a time for a name. */
export function oneAtATime(): <T>(name: string, act: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (name, act) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(act);
    last.set(
      name,
      mine.catch(() => undefined),
    );
    return mine;
  };
}
