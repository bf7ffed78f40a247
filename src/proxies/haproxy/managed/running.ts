import { asBelayError } from '../../../errors';
import { poll } from '../../../poll';
import { ask } from '../api';

const POLL_MS = 20;

/** A HAProxy's answer about itself. */
export interface Answer {
  /** HAProxy's own version. */
  version: string;
  /** Fingerprint of the configuration that it has read. */
  fingerprint: string;
  /** True if it has backends, so it does more than keep the network. */
  serves: boolean;
}

/** Returns the answer of the HAProxy at this socket; undefined without one. */
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

/** Tells if the HAProxy at this socket reads that configuration within so many milliseconds. */
export async function hasRead(socket: string, { fingerprint, within }: { fingerprint: string; within: number }) {
  const until = async () => (await askRunning(socket))?.fingerprint === fingerprint;
  return (await poll({ until, every: POLL_MS, within })) === true;
}
