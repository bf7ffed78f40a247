/**
 * The command of a HEALTHCHECK's test that always succeeds, as people read it. Undefined if it can fail, or is the
 * image's own. Pure.
 */
export function vacuousTest([kind, ...words]: string[] = []): string | undefined {
  const script = kind === 'CMD-SHELL' ? words.join(' ') : scriptOf(words);
  const fails = script === undefined ? programCanFail(words) : scriptCanFail(script);
  return kind?.startsWith('CMD') && !fails ? words.join(' ') : undefined;
}

/** The script of `sh -c '…'`. */
export const scriptOf = ([shell = '', option, script]: string[]): string | undefined =>
  /(^|\/)(ba|da|a|z|k)?sh$/.test(shell) && option === '-c' ? script : undefined;

/**
 * True if the script can fail, by the exit status of a shell's command list. An unknown command counts as able to fail.
 */
function scriptCanFail(script: string): boolean {
  // The script may exit at any point.
  if (/\bexit\s+[^0\s]|\bset\s+-\w*e/.test(script)) return true;
  const last = split(script, /^[;\n]/).at(-1);
  // `&&` and `||` have equal precedence, from the left.
  return split(last?.text ?? '', /^(&&|\|\|)/).reduce((fails, { text, after }) => {
    const own = commandCanFail(split(text, /^\|/).at(-1)?.text ?? '');
    return after === '||' ? fails && own : fails || own;
  }, false);
}

interface Part {
  text: string;
  /** The separator before it; empty for the first. */
  after: string;
}

/** The parts between separators outside of quotes; empty parts are left out. */
function split(script: string, separator: RegExp): Part[] {
  const parts: Part[] = [{ text: '', after: '' }];
  for (let rest = script; rest !== ''; ) {
    const found = separator.exec(rest)?.[0];
    const next = found ?? /^(\\[\s\S]|"(\\[\s\S]|[^"\\])*"|'[^']*')/.exec(rest)?.[0] ?? rest[0]!;
    if (found) parts.push({ text: '', after: found });
    else parts.at(-1)!.text += next;
    rest = rest.slice(next.length);
  }
  return parts.map(({ text, after }) => ({ text: text.trim(), after })).filter(({ text }) => text !== '');
}

/** True if one shell command can fail. */
function commandCanFail(command: string): boolean {
  const words = wordsOf(command);
  if (words.includes('&') || redirectionCanFail(command)) return true;
  const isBuiltin = [':', 'exit 0'].includes(words.join(' '));
  return !isBuiltin && programCanFail(words);
}

/** True if the command reads a file, or if bash opens a connection for it. */
function redirectionCanFail(command: string): boolean {
  const plain = command.replace(/"((\\.|[^"\\])*)"|'([^']*)'/g, (quoted) => quoted.slice(1, -1).replace(/[<>]/g, ''));
  return /(?<!\\)>[>|&]?\s*(\/dev\/(tcp|udp)\/|\$)|(?<![<\\])<(?![<&])>?\s*(?!\/dev\/null\b)\S/.test(plain);
}

export const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"((?:\\.|[^"\\])*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double?.replace(/\\(.)/g, '$1') ?? single ?? plain ?? '',
  );

const harmless = ['true', 'echo', 'printf', 'date', 'pwd', 'sleep'];
const interpreter = /^(python[\d.]*|node|ruby|perl|php)$/;

function programCanFail([program = '', ...rest]: string[]): boolean {
  const name = program.split('/').at(-1)!;
  if (harmless.includes(name)) return false;
  const [option = '', code, ...more] = rest;
  const isOneLiner = interpreter.test(name) && /^-[cer]$/.test(option) && more.length === 0;
  return !(isOneLiner && code !== undefined && onlyPrints(code));
}

/** True for code that only prints a constant, or exits with 0. */
function onlyPrints(code: string): boolean {
  const statement =
    /^(import sys|pass|(print|puts|echo|console\.log)\s*\(?\s*("[^"]*"|'[^']*'|\d+|True)?\s*\)?|((sys|process)\.)?exit\(0?\))?$/;
  return code.split(/[;\n]/).every((part) => statement.test(part.trim()));
}
