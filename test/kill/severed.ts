/**
 * Returns the same object, except that every call throws the signal's reason after the abort. Results of its calls
 * behave alike.
 */
export function severed<T extends object>(target: T, signal: AbortSignal): T {
  return new Proxy(target, {
    get(from, key) {
      const member: unknown = Reflect.get(from, key);
      if (typeof member === 'function')
        return (...args: unknown[]) => {
          signal.throwIfAborted();
          return cut(member.apply(from, args), signal);
        };
      return cut(member, signal);
    },
  });
}

const cut = (value: unknown, signal: AbortSignal): unknown => (hasVerbs(value) ? severed(value, signal) : value);

/** Plain data stays what it is. */
const hasVerbs = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Promise) &&
  Object.values(value).some((one) => typeof one === 'function' || hasVerbs(one));
