import { realpathSync } from 'node:fs';
import { digestOfText } from '../../src/hosts/digest';
import type { ReleaseInput } from '../../src/model/requests';
import { reader } from '../../src/project/files';
import { listed } from '../../src/spec/sentences';

interface Planned {
  /** The folder of the plan. */
  folder: string;
  /** The host. */
  host: string;
  here?: ReleaseInput['here'];
}

/** Returns a notice if the files of the plan are not those of the folder that it was asked from. */
export function otherFilesNotices({ folder, host, here }: Planned): string[] {
  if (!here) return [];
  const read = reader({ folder });
  const others = Object.entries(here.files).flatMap(([name, digest]) => {
    const text = read(name);
    return text !== undefined && digestOfText(text) === digest ? [] : [name];
  });
  if (others.length > 0) {
    const are = others.length === 1 ? 'is' : 'are';
    return [
      `this is the plan of ${folder} on ${host}, not of ${here.folder}, whose ${listed(others)} ${are} different: --files sends those files`,
    ];
  }
  return isOther(folder, here.folder)
    ? [
        `this is the plan of ${folder} on ${host}, not of ${here.folder}, which has the same files: env files and what is mounted come from ${folder}`,
      ]
    : [];
}

/** True if both folders are on this machine, and are two. */
function isOther(folder: string, here: string): boolean {
  try {
    return realpathSync(folder) !== realpathSync(here);
  } catch {
    return false;
  }
}
