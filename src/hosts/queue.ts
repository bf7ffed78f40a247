/** When those before have left a file: the last that had it alone, and all that share it since. */
interface Before {
  alone: Promise<unknown>;
  sharing: Promise<unknown>;
}

const queues = new Map<string, Before>();
const nobody: Before = { alone: Promise.resolve(), sharing: Promise.resolve() };

export interface Turn {
  file: string;
  /** Beside others that share it. */
  shared?: boolean;
  signal: AbortSignal;
}

/**
 * Takers of a file in this process come one after the other, so that few processes at most wait for it. They have it in
 * the order in which they came, those that share it side by side. Gives what has to be called in the end. Throws the
 * signal's reason.
 */
export async function takeTurn({ file, shared = false, signal }: Turn): Promise<() => void> {
  const { alone, sharing } = queues.get(file) ?? nobody;
  const before = shared ? alone : Promise.all([alone, sharing]);
  let leave = () => {};
  const left = new Promise<void>((done) => {
    leave = done;
  });
  const last = before.then(() => left);
  const next = shared ? { alone, sharing: Promise.all([sharing, last]) } : { alone: last, sharing: last };
  queues.set(file, next);
  void Promise.all([alone, next.sharing]).then(() => queues.get(file) === next && queues.delete(file));
  await untilAbort(before, signal).catch((error: unknown) => {
    leave();
    throw error;
  });
  return leave;
}

function untilAbort(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const abort = () => fail(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    void promise.then(() => {
      signal.removeEventListener('abort', abort);
      done();
    });
  });
}
