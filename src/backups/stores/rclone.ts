import { BelayError } from '../../errors';
import { pipeProgram, programText } from '../../pipe-program';
import { damaged, failed, type ToolEnd } from '../errors';
import { missing } from '../filters';
import type { Bytes } from '../source';
import { assertInside, type Store, type StoredFile, unfinished } from '../store';
import { drain } from '../streams';

/** rclone's exit codes for a missing folder and a missing file. */
const noFolder = 3;
const noFile = 4;

/** A remote of rclone, such as `offsite:shop`, as the user's own configuration of rclone has it. */
export function rcloneStore({ remote }: { remote: string }): Store {
  const at = (path: string) => {
    assertInside(path);
    return `${remote.replace(/\/$/, '')}${/[:/]$/.test(remote) ? '' : '/'}${path}`;
  };
  const run = (args: string[], signal: AbortSignal, input?: Bytes) =>
    pipeProgram({ command: 'rclone', args: ['--quiet', ...args], input, signal, failure: wordsFor(remote) });

  return {
    place: `rclone remote ${remote}`,
    async ready(path, signal) {
      await list(at(path), signal, wordsFor(remote));
      return {};
    },
    async put(path, data, signal) {
      const temporary = `${path}${unfinished}`;
      try {
        await drain(run(['rcat', at(temporary)], signal, data));
        await drain(run(['moveto', at(temporary), at(path)], signal));
      } catch (error) {
        // The first error is the one to report, and the signal may be what ended it.
        await drain(run(['deletefile', at(temporary)], AbortSignal.timeout(60_000))).catch(() => undefined);
        throw error;
      }
    },
    get: (path, signal) => get(at(path), signal, wordsFor(remote)),
    list: async (path, signal) => await list(at(path), signal, wordsFor(remote)),
    remove: async (path, signal) => await remove(at(path), signal, wordsFor(remote)),
  };
}

/** rclone gives no content for a missing file, and says nothing. */
async function* get(path: string, signal: AbortSignal, failure: (end: ToolEnd) => Error): AsyncGenerator<Uint8Array> {
  const failing = (end: ToolEnd) => (isGone(end) ? damaged(`${path} is missing`) : failure(end));
  yield* pipeProgram({ command: 'rclone', args: ['--quiet', 'cat', path], signal, failure: failing });
}

async function list(path: string, signal: AbortSignal, failure: (end: ToolEnd) => Error): Promise<StoredFile[]> {
  const failing = (end: ToolEnd) => (isGone(end) ? new Gone() : failure(end));
  const args = ['--quiet', 'lsjson', '--files-only', '--no-modtime', '--no-mimetype', path];
  const text = await programText({ command: 'rclone', args, signal, failure: failing }).catch((error) => {
    if (error instanceof Gone) return '[]';
    throw error;
  });
  const found = JSON.parse(text) as Array<{ Name: string; Size: number }>;
  return found.map(({ Name, Size }) => ({ name: Name, bytes: Size })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

class Gone extends Error {}

/** Earlier versions have no code of its own for a file that is to be deleted and is not there. */
const isGone = ({ code, errors }: ToolEnd): boolean =>
  code === noFolder || code === noFile || /is a directory or doesn't exist/.test(errors);

async function remove(path: string, signal: AbortSignal, failure: (end: ToolEnd) => Error): Promise<void> {
  const failing = (end: ToolEnd) => (isGone(end) ? new Gone() : failure(end));
  const args = ['--quiet', 'deletefile', path];
  await drain(pipeProgram({ command: 'rclone', args, signal, failure: failing })).catch((error) => {
    if (!(error instanceof Gone)) throw error;
  });
}

const wordsFor =
  (remote: string) =>
  (end: ToolEnd): Error => {
    const absent = missing('rclone', end);
    if (absent) return absent;
    if (/didn't find section in config file/i.test(end.errors)) {
      return new BelayError('input-invalid', `rclone has no remote ${remote.split(':')[0]}`, {
        hint: 'rclone listremotes shows those of this user; rclone config makes one',
      });
    }
    return failed(`rclone cannot use ${remote}`, end, `try it by hand: rclone lsd ${remote}`);
  };
