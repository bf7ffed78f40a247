import { type BinaryLike, createHmac } from 'node:crypto';
import { readText } from '../../hosts/file';
import { valuesIn } from '../../spec/dotenv';

/** A file with environment variables on the host; its values may be secrets. */
export interface EnvFile {
  path: string;
  isThere: boolean;
  values: Record<string, string>;
  /** A mark of its content that only the host's key can make. */
  mark(key: BinaryLike): string;
}

export const readEnvFiles = (paths: string[]): Promise<EnvFile[]> =>
  Promise.all(
    paths.map(async (path) => {
      const text = await readText(path);
      return {
        path,
        isThere: text !== undefined,
        values: text === undefined ? {} : valuesIn([text], {}),
        mark: (key: BinaryLike) =>
          createHmac('sha256', key)
            .update(JSON.stringify(['env file', text]))
            .digest('hex'),
      };
    }),
  );
