import { BelayError } from '../../errors';
import { noAnswer, runProgram } from '../../run-program';
import type { CommandSpec } from '../../spec/proxies';

export interface Runner {
  spec: CommandSpec;
  /** Name of the proxy in the spec. */
  name: string;
}

export type Verb = 'admit' | 'drain' | 'remove' | 'observe';

/** What a command is told, by its environment. */
interface Order {
  verb: Verb;
  backend: string;
  member?: string;
  address?: string;
}

/** EX_TEMPFAIL of sysexits.h. */
const tryAgain = 75;
const mostLines = 5;
const mostLetters = 1_000;

/**
 * Runs one command and returns its standard output. Throws `proxy-unreachable` at the deadline and for exit code 75, and
 * `proxy-refused` for any other failure. No message has its arguments.
 */
export async function run({ spec, name }: Runner, { verb, backend, member, address }: Order): Promise<string> {
  const [command, ...args] = spec[verb] as [string, ...string[]];
  const { timeout } = spec;
  const told = { BELAY_BACKEND: backend, BELAY_MEMBER: member, BELAY_ADDRESS: address };
  const env = { ...process.env, ...told };
  const { code, output, errors } = await runProgram({ command, args, cwd: spec.folder, env, timeout, group: true });
  if (code === 0) return output;
  const label = `proxy ${name}: ${verb} (${command}) of ${[backend, member].filter(Boolean).join('/')}`;
  const said = lastLines(errors);
  if (code === noAnswer(timeout))
    throw new BelayError('proxy-unreachable', `${label} gave ${code}, and was killed${said}`, {
      hint: `see what it waits for; where it needs longer, give proxies.${name} a longer timeout`,
    });
  const ended = typeof code === 'number' ? `ended with exit code ${code}` : `failed (${code})`;
  throw new BelayError(code === tryAgain ? 'proxy-unreachable' : 'proxy-refused', `${label} ${ended}${said}`, {
    hint: `run it by hand in ${spec.folder ?? 'the folder of the worker'}, with BELAY_BACKEND=${backend} and its like`,
  });
}

function lastLines(errors: string): string {
  const lines = errors.trim().split('\n').slice(-mostLines).join('\n').slice(-mostLetters);
  return lines === '' ? '' : `: ${lines}`;
}
