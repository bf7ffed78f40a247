import { pipeProgram } from '../../pipe-program';
import { failed } from '../errors';
import { missing } from '../filters';
import type { Bytes } from '../source';

interface Run {
  signal: AbortSignal;
  input?: Bytes;
  /** The failure, for people. */
  what: string;
}

/** Runs this machine's tar, in a folder. */
export function tar(folder: string, args: string[], { signal, input, what }: Run): Bytes {
  const failure = (end: { code: number | string; errors: string }) =>
    missing('tar', end) ?? failed(what, end, 'stop what writes to it, see who may read it, then try again');
  const all = ['--numeric-owner', '--directory', folder, ...args];
  return pipeProgram({ command: 'tar', args: all, input, signal, failure });
}
