import { drainStartedAt, endDrain } from './drains';

/** Returns the name under which the host keeps since when an instance is stopping. */
export const stopMark = (name: string): string => `${name}.stop`;

/** Returns the name under which the host keeps when it asked the instance to stop. */
export const askMark = (name: string): string => `${name}.asked`;

/** Removes the marks, once the instance's end is recorded. */
export async function endStop({ home }: { home: string }, name: string): Promise<void> {
  for (const instance of [askMark(name), stopMark(name)]) await endDrain({ home, instance });
}

/** Tells if the instance was asked to stop, and its end is not recorded. */
export async function isStopping({ home }: { home: string }, name: string): Promise<boolean> {
  return (await drainStartedAt({ home, instance: stopMark(name) })) !== undefined;
}
