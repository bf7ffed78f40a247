import { BelayError } from '../errors';
import { pipeProgram, programText } from '../pipe-program';
import { failed, type ToolEnd } from './errors';
import type { Bytes } from './source';

interface Filter {
  command: string;
  args: string[];
  /** The failure, for people. */
  what: string;
  hint: string;
}

const filter = ({ command, args, what, hint }: Filter, input: Bytes, signal: AbortSignal): Bytes =>
  pipeProgram({ command, args, input, signal, failure: (end) => missing(command, end) ?? failed(what, end, hint) });

/** The error for a tool that this machine does not have. */
export function missing(command: string, { code }: ToolEnd): BelayError | undefined {
  if (code !== 'ENOENT') return undefined;
  return new BelayError('preflight-failed', `${command} is not installed on this machine`, {
    hint: `install it (Debian: apt-get install ${command}), and put it on the PATH of the worker`,
  });
}

/** Throws `preflight-failed` for a tool that this machine does not have. */
export async function expectInstalled(command: string, signal: AbortSignal): Promise<void> {
  const failure = (end: ToolEnd) =>
    missing(command, end) ?? failed(`${command} does not run`, end, `try it by hand: ${command} --version`);
  await programText({ command, args: ['--version'], signal, failure });
}

const compression = { command: 'zstd', hint: 'see that zstd runs on this machine: zstd --version' };
const encryption = { command: 'age', hint: 'see that age runs on this machine: age --version' };

export const compress = (data: Bytes, signal: AbortSignal): Bytes =>
  filter({ ...compression, args: ['-q', '-c'], what: 'zstd cannot compress the dump' }, data, signal);

export const decompress = (data: Bytes, signal: AbortSignal): Bytes =>
  filter({ ...compression, args: ['-q', '-d', '-c'], what: 'zstd cannot read the backup' }, data, signal);

/** Encrypts to all of the public keys. */
export function encrypt(data: Bytes, recipients: string[], signal: AbortSignal): Bytes {
  const args = recipients.flatMap((one) => ['--recipient', one]);
  const hint = `correct the public keys: ${recipients.join(', ')}`;
  return filter({ ...encryption, args, what: 'age cannot encrypt the dump', hint }, data, signal);
}

/** Decrypts by the identities in the file. */
export function decrypt(data: Bytes, identity: string, signal: AbortSignal): Bytes {
  const args = ['--decrypt', '--identity', identity];
  const hint = `give the file of an identity that the backup was encrypted to; ${identity} has none`;
  return filter({ ...encryption, args, what: 'age cannot decrypt the backup', hint }, data, signal);
}
