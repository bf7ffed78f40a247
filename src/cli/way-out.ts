import type { Shortage } from '../observe/shortages';

/**
 * Returns the command that repairs a shortage; a plain release may lead to another version, as after one with
 * --version. Pure.
 */
export function wayOut({ service, owner }: Pick<Shortage, 'service' | 'owner'>): string {
  const back = `belay restart --service ${service} starts all of them in the version that ran; belay release starts them in the version of the files`;
  return owner ? `${owner} has it, and belay status ${owner} says whether it runs; if not, ${back}` : back;
}
