import { digestOfText } from '../hosts/digest';
import type { ReleaseInput } from '../model/requests';
import type { Context } from './context';
import { filesOf, findProject, type WhichPlatform } from './project';

/**
 * Returns the files that --files would send, by their digests: the worker says if its own are others. Undefined without
 * a folder of the platform, and where its files are not whole.
 */
export function filesHere(context: Context, options: WhichPlatform): ReleaseInput['here'] {
  const { platform, file, env } = options;
  const folder = platform !== undefined && file === undefined ? undefined : findProject(context, { file });
  if (folder === undefined) return undefined;
  try {
    const files = Object.entries(filesOf(folder, { env, environment: context.env }));
    return { folder, files: Object.fromEntries(files.map(([name, text]) => [name, digestOfText(text)])) };
  } catch {
    return undefined;
  }
}
