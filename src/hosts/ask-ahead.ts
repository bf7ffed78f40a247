import type { FenceOwner, TakeFence } from './fence';

type IsOpen = TakeFence['isOpen'];

/**
 * Runs `act` with answers that are already known, so that no lock is held while Temporal is asked. `act` stops before
 * any change when it needs an owner that was not asked yet. Temporal is then asked outside the lock, once per owner,
 * and `act` starts again.
 */
export async function askAhead<T>(isOpen: IsOpen, act: (isOpen: IsOpen) => Promise<T>): Promise<T> {
  const answers = new Map<string, Awaited<ReturnType<IsOpen>>>();
  for (;;) {
    const asked = new Map<string, FenceOwner>();
    const known: IsOpen = async (owner) => {
      const answer = answers.get(nameOf(owner));
      if (answer !== undefined) return answer;
      asked.set(nameOf(owner), owner);
      throw new Unasked();
    };
    try {
      return await act(known);
    } catch (error) {
      if (!(error instanceof Unasked)) throw error;
    }
    await Promise.all([...asked].map(async ([name, owner]) => answers.set(name, await isOpen(owner))));
  }
}

class Unasked extends Error {}

const nameOf = ({ cluster, namespace, workflowId, runId }: FenceOwner): string =>
  JSON.stringify([cluster, namespace, workflowId, runId]);
