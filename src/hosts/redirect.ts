import { readdir } from 'node:fs/promises';
import { BelayError } from '../errors';
import { runProgram } from '../run-program';
import { readText } from './file';
import {
  byChain,
  type Chains,
  concerns,
  engineKind,
  type Kind,
  kindOf,
  kinds,
  markedIn,
  type Redirect,
  type Rule,
  rulesOf,
  transaction,
} from './redirect-rules';

export { LEADS_NOBODY, type Redirect } from './redirect-rules';

/** Names the redirects of one service at one proxy. */
export interface RedirectKey {
  platform: string;
  proxy: string;
  service: string;
}

/** Rules in the kernel's nat table. They last until they are removed, or the machine restarts. */
export interface Redirects {
  /**
   * Tells if this process may change the table of the engine's network. The engine's way to publish ports must allow it
   * too.
   */
  possible(): Promise<boolean>;
  /** Tells if exactly these redirects are in place. */
  hold(key: RedirectKey, wanted: Redirect[]): Promise<boolean>;
  /**
   * Ensures exactly these redirects; established connections stay where they are. Throws `preflight-failed` if that is
   * impossible.
   */
  seek(key: RedirectKey, wanted: Redirect[]): Promise<void>;
}

type Family = 4 | 6;

const TOOLS = { 4: 'iptables', 6: 'ip6tables' } as const;
/** The kernel lists here the legacy tables used in this network; the file is missing if there was never one. */
const NAMES = { 4: '/proc/net/ip_tables_names', 6: '/proc/net/ip6_tables_names' } as const;

/**
 * Redirects by iptables and ip6tables. `allowed: false` never redirects: the operator forbids it, or the engine is not
 * at a local socket.
 */
export function kernelRedirects({ allowed = true }: { allowed?: boolean } = {}): Redirects {
  return {
    possible: async () => allowed && isRoot() && (await haveForwarders()) && (await haveTables()),
    hold: async (key, wanted) => (await changesFor(key, wanted)).length === 0,
    async seek(key, wanted) {
      for (const { family, kind, present, rules } of await changesFor(key, wanted)) {
        const tool = await toolOf({ family, kind }, '-restore');
        await run(tool, ['--noflush', '-w', '5'], transaction(present, rules));
      }
    },
  };
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** The engine's forwarders run as processes of this machine. */
async function haveForwarders(): Promise<boolean> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(processes.map((pid) => readText(`/proc/${pid}/cmdline`).catch(() => '')));
  return lines.some((line) => /(^|\/)docker-proxy\0/.test(line ?? ''));
}

/** In a container the usual tool need not be the one that the machine's engine uses. */
async function kindOfEngine(): Promise<Kind | undefined> {
  const [nft, legacy] = await Promise.all(kinds.map((kind) => show({ family: 4, kind }, 'DOCKER')));
  return engineKind({ nft: nft!, legacy: legacy! });
}

/** Tells if each family's table of this network has the engine's own chain. */
async function haveTables(): Promise<boolean> {
  const kind = await kindOfEngine();
  if (kind === undefined) return false;
  const seen = (await families()).map((family) => list({ family, kind }, 'OUTPUT'));
  return await Promise.all(seen).then(
    () => true,
    () => false,
  );
}

/** IPv6 counts only if the machine has an IPv6 address. */
const families = async (): Promise<Family[]> =>
  (await readText('/proc/net/if_inet6').catch(() => undefined))?.trim() ? [4, 6] : [4];

/** One of the four tables of a kernel: two kinds, two families. */
interface Table {
  family: Family;
  kind: Kind;
}

interface Change extends Table {
  present: Rule[];
  rules: Rule[];
}

async function changesFor({ platform, proxy, service }: RedirectKey, wanted: Redirect[]): Promise<Change[]> {
  if (!isRoot()) return wanted.length === 0 ? [] : Promise.reject(cannot('the worker is not root'));
  const mark = `belay:${platform}/${proxy}/${service}`;
  const used = (await kindOfEngine()) ?? kindOf(await versionOf(4));
  const tables = (await families()).flatMap((family) => kinds.map((kind): Table => ({ family, kind })));
  const all = tables.map(async (table): Promise<Change> => {
    const chains = await chainsOf(table);
    // Wanted rules go to the table of the engine's rules. The other table may have some from before the engine changed
    // over.
    const here = table.kind === used ? wanted.filter((one) => concerns(table.family, one)) : [];
    const rules = here.flatMap((one) => rulesOf(mark, one, chains));
    return { ...table, present: markedIn(chains, mark), rules: byChain(rules) };
  });
  return (await Promise.all(all)).filter(({ present, rules }) => present.join('\n') !== rules.join('\n'));
}

async function chainsOf(table: Table): Promise<Chains> {
  const [PREROUTING, OUTPUT, DOCKER] = await Promise.all([
    show(table, 'PREROUTING'),
    show(table, 'OUTPUT'),
    show(table, 'DOCKER'),
  ]);
  return { PREROUTING, OUTPUT, DOCKER };
}

/**
 * Returns the listing, or nothing if the chain, the table or the tool is missing. None of our rules can exist then.
 * Throws `lock-busy` if another program holds the table.
 */
async function show(table: Table, chain: string): Promise<string> {
  if (!(await isThere(table))) return '';
  return await list(table, chain).catch((error: BelayError) => {
    if (error.code === 'lock-busy') throw error;
    return '';
  });
}

/** Check first: the legacy tool makes the kernel load any table it is asked for. */
const isThere = async ({ family, kind }: Table): Promise<boolean> =>
  kind === 'nft' || ((await readText(NAMES[family])) ?? '').split('\n').includes('nat');

const list = async (table: Table, chain: string): Promise<string> =>
  run(await toolOf(table), ['-w', '5', '-t', 'nat', '-S', chain]);

/** Returns `iptables` if it is of this kind, else `iptables-nft` or `iptables-legacy`, with the suffix. */
async function toolOf({ family, kind }: Table, what = ''): Promise<string> {
  const isUsual = kindOf(await versionOf(family)) === kind;
  return `${TOOLS[family]}${isUsual ? '' : `-${kind}`}${what}`;
}

const versions = new Map<Family, string>();

/** Asks each tool once, not before each of a step's dozen looks. Empty if the tool is missing. */
async function versionOf(family: Family): Promise<string> {
  const known = versions.get(family);
  if (known !== undefined) return known;
  const version = await run(TOOLS[family], ['--version']).catch(() => undefined);
  if (version !== undefined) versions.set(family, version);
  return version ?? '';
}

async function run(command: string, args: string[], input?: string): Promise<string> {
  const { code, output, why } = await runProgram({ command, args, input, timeout: 20_000 });
  if (code !== 0) throw cannot(`${command}: ${why}`, isBusy(`${code} ${why}`));
  return output;
}

/**
 * Another program has the table or changed it meanwhile. Or the tool was ended from outside, or had no room to start.
 */
const isBusy = (how: string): boolean =>
  /xtables lock|temporarily unavailable|no answer within|\bSIG(TERM|KILL|INT|HUP)\b|\bE(AGAIN|NOMEM|MFILE|NFILE)\b/.test(
    how,
  );

const cannot = (why: string, busy = false): BelayError =>
  new BelayError(
    busy ? 'lock-busy' : 'preflight-failed',
    `the kernel cannot redirect connections from one port to another: ${why}`,
    {
      hint: 'run the worker as root beside the engine with iptables, or start it with BELAY_REDIRECT=off: the port then refuses connections for a moment',
    },
  );
