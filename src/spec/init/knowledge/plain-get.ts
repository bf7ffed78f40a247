import { scriptOf, wordsOf } from '../../vacuous';

/** A GET to a container's own port, without headers. */
export interface PlainGet {
  /** The name that the request gives to the service: some answer to no other. */
  host: string;
  port: number;
  path: string;
  /** True if the answer has to be 200; else each of 2xx and 3xx is as good. */
  exact: boolean;
}

/**
 * The request of a HEALTHCHECK that makes no other than this one, and goes by nothing but its status. Undefined for
 * each that does more, or that does not look at the status. Pure.
 */
export function plainGet([kind, ...words]: string[] = []): PlainGet | undefined {
  if (!kind?.startsWith('CMD')) return undefined;
  const script = kind === 'CMD-SHELL' ? words.join(' ') : scriptOf(words);
  const [program = '', ...rest] = script === undefined ? words : argvOf(script);
  const name = program.split('/').at(-1)!;
  if (name === 'curl') return target(askedBy(curl, rest));
  if (name === 'wget') return target(askedBy(wget, rest));
  return interpreters.test(name) ? askedByCode(rest) : undefined;
}

/** The words of a script that runs one program; empty for any other script. */
function argvOf(script: string): string[] {
  const command = script
    .trim()
    .replace(/\s*\|\|\s*(exit\s+-?[1-9]\d*|false)\s*;?$/, '')
    .replace(/\s*(?<=\s)(&>|1?>|2>)\s*(\/dev\/null|&1)(?=\s|$)/g, '');
  const unquoted = command.replace(/'[^']*'/g, '').replace(/"[^"$`\\]*"/g, '');
  return /[;&|<>`$(){}"'\\\n]/.test(unquoted) ? [] : wordsOf(command);
}

interface Client {
  /** Letters of options without a value, and with one. */
  letters: { alone: string; valued: string };
  words: { alone: string[]; valued: string[] };
  /** An option without which it does not go by the status. */
  needs?: { letter: string; words: string[] };
}

/** Options that change neither the request nor what counts as success. */
const curl: Client = {
  letters: { alone: 'fsSLkgqNv46', valued: 'om' },
  words: {
    alone:
      'fail fail-with-body silent show-error location insecure no-progress-meter verbose ipv4 ipv6 globoff retry-connrefused retry-all-errors'.split(
        ' ',
      ),
    valued: 'output max-time connect-timeout retry retry-delay retry-max-time noproxy'.split(' '),
  },
  needs: { letter: 'f', words: ['fail', 'fail-with-body'] },
};
const wget: Client = {
  letters: { alone: 'qS', valued: 'OTt' },
  words: {
    alone: 'quiet spider no-verbose no-check-certificate server-response no-proxy'.split(' '),
    valued: 'tries timeout connect-timeout read-timeout output-document'.split(' '),
  },
};

/** The address that a client is given; undefined for an option that is not known to be harmless. */
function askedBy({ letters, words, needs }: Client, argv: string[]): string | undefined {
  const addresses: string[] = [];
  let goesByStatus = needs === undefined;
  const rest = argv.values();
  for (const word of rest) {
    if (word === '-nv') continue;
    if (word.startsWith('--')) {
      const [name = '', value] = word.slice(2).split('=');
      const isValued = words.valued.includes(name);
      if (!isValued && !words.alone.includes(name)) return undefined;
      if (isValued && value === undefined) rest.next();
      goesByStatus ||= needs!.words.includes(name);
    } else if (word.startsWith('-')) {
      const at = [...word].findIndex((letter, index) => index > 0 && letters.valued.includes(letter));
      const alone = word.slice(1, at < 0 ? undefined : at);
      if ([...alone].some((letter) => !letters.alone.includes(letter)) || word === '-') return undefined;
      if (at === word.length - 1) rest.next();
      goesByStatus ||= alone.includes(needs!.letter);
    } else addresses.push(word);
  }
  return goesByStatus && addresses.length === 1 ? addresses[0] : undefined;
}

const interpreters = /^(python[\d.]*|node|nodejs|bun)$/;

/** Words of a request that is no plain GET, or of a look at more than its status. */
const more =
  /method|header|post\b|put\b|body|data|json|\.text|\.read\b|auth|cookie|Request\(|process\.env|environ|getenv|argv|\$\{|\+/i;

/** Asked for by its address alone: `fetch('http://…')`, `http.get("http://…"`, `urlopen('http://…'`. */
const call = /\b(?:fetch|get|urlopen)\(\s*(['"`])(http:\/\/[^'"`\s]+)\1/g;

/** The modules that the code names, and those that a plain request may need. */
const named =
  /\b(?:require|import)\(\s*['"`]([^'"`]*)|\bfrom\s+([\w.]+)\s+import\b|\bimport\s+(\w[\w.]*(?:(?:\s*,\s*|\s+as\s+)\w[\w.]*)*)/g;
const harmless = /^((node:)?(http|process)|urllib(\.request|\.error)?|request|requests|httpx|sys)$/;

const usesOthers = (code: string): boolean =>
  [...code.matchAll(named)]
    .flatMap((found) =>
      found
        .slice(1)
        .filter(Boolean)
        .join()
        .replace(/\s+as\s+\w+/g, '')
        .split(','),
    )
    .some((name) => !harmless.test(name.trim()));

/** Clients that go by the last of several answers, where some redirect. */
const following = /\bfetch\(|\burlopen\(|\brequests\./;

function askedByCode([option = '', code = '', ...others]: string[]): PlainGet | undefined {
  const calls = [...code.matchAll(call)];
  if (!/^(-[ce]|--eval)$/.test(option) || others.length > 0 || calls.length !== 1) return undefined;
  if (more.test(code) || usesOthers(code)) return undefined;
  const looks = [...code.matchAll(/\bstatus(?:Code|_code)?\s*([!=]==?|[<>]=?)\s*(\d+)/g)].map(
    ([, sign, number]) => `${sign!.slice(0, 2)}${number}`,
  );
  const isExact = looks.length > 0 && looks.every((one) => ['==200', '!=200'].includes(one));
  const follows = following.test(code);
  const good = ['<400', '>=400', '>=200', '<200', ...(follows ? ['<300', '>=300'] : [])];
  const isLenient = looks.every((one) => good.includes(one));
  const fails = looks.length > 0 || /urlopen\(|\.ok\b|raise_for_status/.test(code);
  if (!fails || !(isExact || isLenient)) return undefined;
  const found = target(calls[0]![2]);
  return found && { ...found, exact: isExact && !follows };
}

function target(address = ''): PlainGet | undefined {
  const found = /^(?:http:\/\/)?((?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(\d{1,5}))?)(\/[\x21-\x7e]*)?$/i.exec(
    address,
  );
  if (!found || /[$#'"]/.test(address)) return undefined;
  const [, host = '', port = '80', path = '/'] = found;
  return { host, port: Number(port), path, exact: false };
}
