/** Ends of the earlier turns at a file: the last exclusive one, and all shared ones since. */
interface Before {
  alone: Promise<unknown>;
  sharing: Promise<unknown>;
}

const queues = new Map<string, Before>();
const nobody: Before = { alone: Promise.resolve(), sharing: Promise.resolve() };

export interface Turn {
  file: string;
  /** Share the turn with others that share it. */
  shared?: boolean;
  signal: AbortSignal;
}

/**
 * Queues the takers of a file within this process, so that few processes wait for it. They take it in order of arrival,
 * shared ones side by side. Returns the function that ends the turn. Throws the signal's reason.
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
