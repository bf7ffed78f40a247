import { drainStartedAt, endDrain } from './drains';

/** The name under which the host keeps since when an instance is one that stops. */
export const stopMark = (name: string): string => `${name}.stop`;

/** The name under which the host keeps when it was asked to. */
export const askMark = (name: string): string => `${name}.asked`;

/** Its end is on record. */
export async function endStop({ home }: { home: string }, name: string): Promise<void> {
  for (const instance of [askMark(name), stopMark(name)]) await endDrain({ home, instance });
}

/** The instance was asked to stop, and its end has not been recorded. */
export async function isStopping({ home }: { home: string }, name: string): Promise<boolean> {
  return (await drainStartedAt({ home, instance: stopMark(name) })) !== undefined;
}
