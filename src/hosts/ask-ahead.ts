import type { FenceOwner, TakeFence } from './fence';

type IsOpen = TakeFence['isOpen'];

/**
 * Acts with the answers that it needs at hand, so that nobody waits for Temporal while `act` has a lock. An owner that
 * was not asked after ends the act before it has changed anything. Temporal is then asked outside of it, and it begins
 * anew. An owner is asked after once.
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
