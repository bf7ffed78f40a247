import { BelayError } from '../../../errors';
import { type Ended, runProgram } from '../../../run-program';
import { type ComposeProgram, composeProgram, forgetComposeProgram } from './compose-program';

/** One call of `docker compose` in a folder; `input` is the file for `-f -`. */
export interface ComposeCall {
  folder: string;
  args: string[];
  input?: string;
  /** The file's name in errors. */
  file: string;
  /** Variables that replace the shell's own. */
  variables?: Record<string, string>;
  /** Paths of copies, by their names in errors. */
  copies?: Record<string, string>;
}

/** Docker's own usage text: without the plugin, Docker takes Compose's options for its own. */
const missing = /^Usage: +docker \[OPTIONS\]|is not a docker command|unknown command: docker compose/m;

/** Runs `docker compose` without a shell. Throws `compose-invalid` with Compose's own words. */
export async function compose(call: ComposeCall): Promise<{ output: string; warnings: string[] }> {
  const { code, output, errors } = await run(call);
  const { warnings, words } = split(errors);
  if (code === 0) return { output, warnings };
  throw code === 'ENOENT' || missing.test(errors) ? withoutCompose() : refusal(call, words || `it ended with ${code}`);
}

async function run(call: ComposeCall): Promise<Ended> {
  const program = await composeProgram(process.env);
  const ended = await runBy(program, call);
  if (ended.code !== 'ENOENT' || program.command === 'docker') return ended;
  forgetComposeProgram();
  return await runBy(await composeProgram(process.env), call);
}

function runBy(program: ComposeProgram, { folder, args, input, variables }: ComposeCall): Promise<Ended> {
  return runProgram({
    command: program.command,
    args: [...program.args, ...args],
    cwd: folder,
    // PWD as in a shell in that folder.
    env: { ...process.env, PWD: folder, ...program.variables, ...variables },
    input,
    timeout: 60_000,
    most: 64 * 1024 ** 2,
  });
}

function split(errors: string): { warnings: string[]; words: string } {
  const lines = errors.split('\n').filter((line) => line.trim());
  const warnings = lines.flatMap((line) => /level=warning msg=(".*")/.exec(line)?.[1] ?? []).map(unquote);
  return { warnings: [...new Set(warnings)], words: lines.filter((line) => !/level=warning/.test(line)).join('\n') };
}

function unquote(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}

function refusal({ file, copies = {} }: ComposeCall, words: string): BelayError {
  const files = file.split(', ').map((one) => `-f ${one}`);
  const named = Object.entries(copies).reduce((text, [name, path]) => text.replaceAll(path, name), words);
  return new BelayError('compose-invalid', `${file}: Compose says: ${withoutValues(named)}`, {
    hint: `correct it, then see what Compose makes of it: docker compose ${files.join(' ')} config`,
  });
}

/** A parser quotes the faulty text, which in an env file may be a secret. */
function withoutValues(words: string): string {
  return words.replace(/(failed to read [^"]*)".*/s, '$1…').replace(/near ".*/s, 'near …');
}

function withoutCompose(): BelayError {
  return new BelayError(
    'compose-invalid',
    'docker compose is not installed here: Compose files are read by Compose v2 itself',
    {
      hint: 'install the plugin (https://docs.docker.com/compose/install/linux/) for the user that runs the worker; then: docker compose version',
    },
  );
}
