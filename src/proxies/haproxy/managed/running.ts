import { asBelayError } from '../../../errors';
import { poll } from '../../../poll';
import { ask } from '../api';

const POLL_MS = 20;

/** What a HAProxy says of itself. */
export interface Answer {
  /** HAProxy's own. */
  version: string;
  /** The fingerprint of the configuration that it has read. */
  fingerprint: string;
  /** It has backends, so it is not one that only keeps the network. */
  serves: boolean;
}

/** What the HAProxy at this socket says; undefined where nobody answers. */
export async function askRunning(socket: string): Promise<Answer | undefined> {
  try {
    const info = await ask(socket, 'show info');
    const state = await ask(socket, 'show servers state');
    const [, , ...servers] = state.trimEnd().split('\n');
    const field = (name: string) => new RegExp(`^${name}: (\\S+)`, 'im').exec(info)?.[1] ?? '';
    return { version: field('Version'), fingerprint: field('description'), serves: servers.length > 0 };
  } catch (error) {
    if (asBelayError(error).code !== 'proxy-unreachable') throw error;
    return undefined;
  }
}

/** Whether the HAProxy at this socket has read that configuration before the time is over, in milliseconds. */
export async function hasRead(socket: string, { fingerprint, within }: { fingerprint: string; within: number }) {
  const until = async () => (await askRunning(socket))?.fingerprint === fingerprint;
  return (await poll({ until, every: POLL_MS, within })) === true;
}
