import { asBelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { readText, writeAtomic } from '../../src/hosts/file';
import { hostPaths } from '../../src/hosts/home';
import type { Runtime } from '../../src/runtimes/runtime';

/**
 * Keeps the log on the host, readable by its owner alone. A failure here must not block a rollback, which may be what
 * frees space: it returns the reason.
 */
export async function keepLog({ home }: Pick<Deps, 'home'>, runtime: Runtime, name: string): Promise<string[]> {
  try {
    await writeAtomic({ path: hostPaths(home).log(name), data: await runtime.logTail(name, 10_000) });
    return [];
  } catch (error) {
    return [`its log could not be kept: ${asBelayError(error).message}`];
  }
}

const lines = 20;
const characters = 1500;

/** Returns the masked end of a kept log, as the end of a sentence; empty without one. */
export async function keptTail({ home, masker }: Pick<Deps, 'home' | 'masker'>, name: string): Promise<string> {
  const text = (await readText(hostPaths(home).log(name)).catch(() => undefined)) ?? '';
  const last = masker.mask(text.trim()).split('\n').slice(-lines).join('\n').slice(-characters);
  return last ? `; its last lines: ${last}` : '';
}

/** Tells people where the log of an instance is, which a rollback may remove. */
export const logPlaces = (runtime: Runtime, name: string): string =>
  `the whole log: ${runtime.logCommand(name)}; after its removal, logs/${name}.log in BELAY_HOME on the host`;

/** Tells people where the log of what was removed is. */
export const whereLogIs = (name: string): string => `the whole log: logs/${name}.log in BELAY_HOME on the host`;
