import { connect } from 'node:net';
import { BelayError } from '../../errors';
import { retry } from '../../poll';

const TIMEOUT_MS = 2_000;

const POLL_MS = 20;

/**
 * Sends one command line to a runtime API or master socket and returns the whole reply.
 * @param socket `/path` of a unix socket, or `tcp://host:port`.
 * @throws BelayError `proxy-unreachable` after 2 s of silence or of a full queue, or if the connection ends
 * without a reply.
 */
export function ask(socket: string, command: string): Promise<string> {
  return retry({ attempt: () => askOnce(socket, command), passes: isBusy, every: POLL_MS, within: TIMEOUT_MS });
}

/** A full queue of a unix socket refuses the connection, so no command was sent. */
const isBusy = (error: unknown): boolean =>
  ((error as BelayError).cause as NodeJS.ErrnoException | undefined)?.code === 'EAGAIN';

function askOnce(socket: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) => reject(unreachable(socket, why, cause));
    const client = connect(target(socket));
    let reply = '';
    client.setEncoding('utf8');
    client.setTimeout(TIMEOUT_MS, () => client.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    client.on('data', (text) => {
      reply += text;
    });
    client.on('error', (error) => fail(error.message, error));
    client.on('end', () => (reply === '' ? fail('it closed the connection without a reply') : resolve(reply)));
    client.end(`${command}\n`);
  });
}

/**
 * Sends several commands over one connection, and returns the reply to each. The runtime API ends each with an empty
 * line.
 */
export async function askAll(socket: string, commands: string[]): Promise<string[]> {
  const replies = (await ask(socket, commands.join(';'))).split('\n\n');
  return commands.map((_, index) => replies[index] ?? '');
}

/** Sends a command whose reply must begin with a given text. Throws `proxy-refused` with HAProxy's words otherwise. */
export async function read(socket: string, { command, begins }: { command: string; begins: string }): Promise<string> {
  const reply = await ask(socket, command);
  if (!reply.startsWith(begins)) throw refused(command, reply);
  return reply;
}

/** Returns the error for a refusal, with HAProxy's own words and the command. */
export function refused(command: string, reply: string): BelayError {
  const words = reply.trim().split('\n')[0] || 'nothing';
  return new BelayError('proxy-refused', `HAProxy answered "${words}" to "${command}"`, { hint: hintFor(words) });
}

function hintFor(words: string): string {
  if (/permission denied/i.test(words)) return 'Give its "stats socket" line "level admin" and reload HAProxy.';
  if (/no such|can't find/i.test(words))
    return 'Compare the route\'s backend with haproxy.cfg; "belay doctor" shows the lines it needs.';
  return 'Run "belay doctor": it compares haproxy.cfg with what Belay needs.';
}

/** Returns the error for a socket that does not answer. */
export function unreachable(socket: string, why: string, cause?: unknown): BelayError {
  return new BelayError('proxy-unreachable', `HAProxy does not answer at ${socket}: ${why}`, {
    hint: 'Check that HAProxy runs, that a "stats socket" line names this address, and that this user may write to it.',
    cause,
  });
}

function target(socket: string): { path: string } | { host: string; port: number } {
  if (socket.startsWith('/')) return { path: socket };
  const { hostname, port } = new URL(socket);
  return { host: hostname, port: Number(port) };
}
