import { drainStartedAt } from '../src/hosts/drains';
import type { Deps } from './deps';

/** The name under which the host keeps when an instance was asked to stop. */
export const stopMark = (name: string): string => `${name}.stop`;

/** The instance was asked to stop, and its end has not been recorded. */
export async function isStopping({ home }: Pick<Deps, 'home'>, name: string): Promise<boolean> {
  return (await drainStartedAt({ home, instance: stopMark(name) })) !== undefined;
}
