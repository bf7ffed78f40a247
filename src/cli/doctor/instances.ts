import type { Context } from '../context';
import { findProject, platformOf, type WhichPlatform } from '../project';
import { shortagesHere, wayOut } from '../shortages';
import { bad, type Check, warn } from './check';

/** Whether everything runs that was released here; nothing where it does, or where nothing was released. */
export async function examineInstances(context: Context, options: WhichPlatform): Promise<Check[]> {
  const platform = nameOf(context, options);
  const missing = platform === undefined ? [] : await shortagesHere(context.env, platform);
  return missing.map((one) => (one.owner ? warn : bad)('instances', one.text, wayOut(one)));
}

/** The platform that is meant; undefined where no spec says it, which is told beside. */
export function nameOf(context: Context, options: WhichPlatform): string | undefined {
  if (findProject(context, options) === undefined) return undefined;
  try {
    return platformOf(context, options);
  } catch {
    return undefined;
  }
}
