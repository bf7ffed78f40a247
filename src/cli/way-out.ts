import type { Shortage } from '../observe/shortages';

/**
 * Returns the command that repairs a shortage; a plain release may lead to another version, as after one with
 * --version. `platform`: name it in the command, for people in another folder. Pure.
 */
export function wayOut({ service, owner, repair, platform }: Omit<Shortage, 'text'> & { platform?: string }): string {
  if (repair) return repair;
  const at = platform === undefined ? '' : ` -p ${platform}`;
  const back = `belay restart${at} --service ${service} starts all of them in the version that ran; belay release${at} starts them in the version of the files`;
  return owner ? `${owner} has it, and belay status ${owner} says whether it runs; if not, ${back}` : back;
}
