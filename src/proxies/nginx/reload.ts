import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { BelayError } from '../../errors';
import { poll } from '../../poll';
import { runProgram } from '../../run-program';
import type { NginxSpec } from '../../spec/proxies';
import { isCurrent, isIdle, masterOf, workersOf } from './workers';

type Commands = Pick<NginxSpec, 'test' | 'reload' | 'pid'>;

const pollMs = 10;
/** Longest time of a command, in milliseconds. */
const patience = 30_000;
/** Most bytes of a whole configuration. */
const most = 64 * 1024 ** 2;

/**
 * Returns the configuration that nginx would load, all of its files in one text. Throws `proxy-refused` with nginx's
 * own words if it would refuse it.
 */
export async function testConfig({ test: [command, ...args] }: Pick<Commands, 'test'>): Promise<string> {
  const { code, output, why } = await runProgram({ command: command!, args, timeout: patience, most });
  if (code === 'ENOENT') throw missing(command!);
  if (code !== 0) {
    throw refused(`nginx refuses its configuration: ${emergency(why)}`, {
      hint: 'mend it until the command of test: in belay.yaml passes, nginx -T where there is none; nothing was reloaded',
    });
  }
  if (/^# configuration file /m.test(output)) return output;
  throw refused(`${[command, ...args].join(' ')} does not print the configuration`, {
    hint: 'let test: in belay.yaml say nginx -T: a capital T prints what it has tested',
  });
}

/** Throws `proxy-refused` for a file that no part of the configuration includes: nginx would never see it. */
export async function refuseUnread(config: string, files: string[]): Promise<void> {
  const read = includedFiles(config);
  for (const file of files) {
    const candidates = read.filter((one) => basename(one) === basename(file));
    const [own, ...others] = await Promise.all([file, ...candidates].map((one) => realpath(one).catch(() => one)));
    if (others.includes(own!)) continue;
    throw refused(`nginx does not read ${file}: its configuration does not include it`, {
      hint: `write into its upstream block: include ${file};`,
    });
  }
}

/** Returns the paths of the files that a printed configuration consists of. Pure. */
export const includedFiles = (config: string): string[] =>
  [...config.matchAll(/^# configuration file (.*):$/gm)].map(([, path]) => path!);

/** Makes nginx read its configuration. Throws `proxy-refused` if the command fails: then nothing was told to nginx. */
export async function tell({ reload: [command, ...args] }: Pick<Commands, 'reload'>): Promise<void> {
  const { code, why } = await runProgram({ command: command!, args, timeout: patience });
  if (code === 'ENOENT') throw missing(command!);
  if (code === 0) return;
  throw refused(`${[command, ...args].join(' ')} failed: ${emergency(why)}`, {
    hint: 'let the user that runs the worker reload nginx, by the command of reload: in belay.yaml',
  });
}

/**
 * Returns a function that waits until nginx has loaded what its files hold now. While the master is idle, every former
 * configuration has its workers already: once these have left, only the present one is in use.
 */
export async function beforeReload({ pid }: Pick<Commands, 'pid'>, within: number): Promise<() => Promise<void>> {
  const master = await masterOf(pid);
  await poll({ until: () => isIdle(master), every: pollMs, within });
  const { current } = await workersOf(pid);
  return async () => {
    const until = async () => {
      const former = await Promise.all(current.map(isCurrent));
      // A master that is being restarted has its time too.
      const now = await workersOf(pid).catch(() => undefined);
      return !former.includes(true) && now !== undefined && now.current.length > 0;
    };
    if (await poll({ until, every: pollMs, within })) return;
    await masterOf(pid);
    throw refused(`nginx has not replaced its workers within ${within / 1000} s of its reload`, {
      hint: "see nginx's error log: it may have refused its configuration, for a port that is taken, for example",
    });
  };
}

/** Returns the lines of nginx's words that matter, in one. */
function emergency(words: string): string {
  const lines = words.split('\n').filter((line) => line.trim() !== '');
  const found = lines.filter((line) => /\[(emerg|alert|crit|error)\]/.test(line));
  return (found.length > 0 ? found : lines).map((line) => line.replace(/^nginx: /, '').trim()).join('; ');
}

const missing = (command: string): BelayError =>
  refused(`there is no program ${command}`, { hint: 'write its whole path into test: and reload: in belay.yaml' });

const refused = (message: string, { hint }: { hint: string }): BelayError =>
  new BelayError('proxy-refused', message, { hint });
