import type { Context } from '../context';
import { findProject, platformOf, type WhichPlatform } from '../project';
import { shortagesHere } from '../shortages';
import { wayOut } from '../way-out';
import { bad, type Check, warn } from './check';

/** Checks if all released instances run here; returns no check if they do, or if no release has ended. */
export async function examineInstances(context: Context, options: WhichPlatform): Promise<Check[]> {
  const platform = nameOf(context, options);
  const missing = platform === undefined ? [] : await shortagesHere(context.env, platform);
  return missing.map((one) => (one.owner ? warn : bad)('instances', one.text, wayOut(one)));
}

/** Returns the platform's name; undefined without a spec, which another check reports. */
export function nameOf(context: Context, options: WhichPlatform): string | undefined {
  if (findProject(context, options) === undefined) return undefined;
  try {
    return platformOf(context, options);
  } catch {
    return undefined;
  }
}
