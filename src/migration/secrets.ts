import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BelayError } from '../errors';
import { errnoOf } from '../hosts/file';

interface Place {
  folder: string;
  env: NodeJS.ProcessEnv;
  /** The file that gets them. */
  name: string;
}

/** Returns secrets by key: of files, without their last line break, and of variables. Throws `input-invalid`. */
export function secretsOf(sources: Record<string, string>, place: Place): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sources).map(([key, source]) => {
      const value = source.includes('/') ? fileOf(resolve(place.folder, source)) : place.env[source];
      if (value) return [key, value];
      const why = value === '' ? 'is empty' : source.includes('/') ? 'cannot be read' : 'is not set here';
      throw new BelayError('input-invalid', `${place.name}: from_secret: ${key}: ${source} ${why}`, {
        hint: source.includes('/') ? 'write the secret into that file' : `set the variable ${source}, or name a file`,
      });
    }),
  );
}

function fileOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
