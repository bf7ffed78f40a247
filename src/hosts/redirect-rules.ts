/** Leads new connections from a port of this host to another one. */
export interface Redirect {
  port: number;
  to: number;
  /** Address of the host; absent for all of its addresses. */
  address?: string;
}

/**
 * A rule that leads no connection. The kernel may forget led connections when the last rule of a family is gone. Over
 * IPv6 the engine often has no rule of its own, so this one stays while they finish.
 */
export const LEADS_NOBODY: Redirect = { port: 0, to: 1 };

/** One rule as the kernel's tool prints it, without the word that adds or deletes it. */
export type Rule = string;

/** The tool's listing of the nat table's three chains (`iptables -t nat -S CHAIN`); empty for a missing chain. */
export interface Chains {
  PREROUTING: string;
  OUTPUT: string;
  DOCKER: string;
}

/** A kernel has an nft and a legacy table. The system decides which of them `iptables` is. */
export const kinds = ['nft', 'legacy'] as const;
export type Kind = (typeof kinds)[number];

/**
 * Returns the table that a tool changes, by its `--version`: `iptables v1.8.9 (nf_tables)`. Versions before 1.8 name
 * none.
 */
export const kindOf = (version: string): Kind => (version.includes('nf_tables') ? 'nft' : 'legacy');

/**
 * Returns the engine's table, by the chain DOCKER in each. It is the table that leads ports, else the one that has the
 * chain. An engine that has changed over leaves an empty chain behind.
 */
export const engineKind = (chains: Record<Kind, Chains['DOCKER']>): Kind | undefined =>
  kinds.find((kind) => chains[kind].includes(' -j DNAT ')) ?? kinds.find((kind) => chains[kind] !== '');

const isLoopback = (address = ''): boolean => address.startsWith('127.') || address === '::1';

const isEvery = (address?: string): address is undefined =>
  address === undefined || address === '0.0.0.0' || address === '::';

/** Tells if rules of this family apply to the address. */
export const concerns = (family: 4 | 6, { address }: Redirect): boolean =>
  address === undefined || address.includes(':') === (family === 6);

/**
 * Returns the rules of one redirect, in their order at the top of the chains. Outside traffic goes where the engine
 * itself leads the other port, past the machine's own listeners. So a packet filter sees it on the same way, and the
 * client's address stays. Traffic from the engine's bridges or this machine goes to the listener of the other port. The
 * engine keeps its bridges apart.
 */
export function rulesOf(mark: string, { port, to, address }: Redirect, { DOCKER }: Pick<Chains, 'DOCKER'>): Rule[] {
  const only = isEvery(address) ? '' : `-d ${address}/${address.includes(':') ? '128' : '32'} `;
  // Established connections are never led: the kernel may not have tracked them until now.
  const rule = (chain: string, from: string, target: string): Rule =>
    `${chain} ${only}${from}-p tcp -m addrtype --dst-type LOCAL -m tcp --dport ${port} --tcp-flags FIN,SYN,RST,ACK SYN ` +
    `-m comment --comment "${mark}:${port}" -j DNAT --to-destination ${target}`;
  const output = rule('OUTPUT', '', `:${to}`);
  if (isLoopback(address)) return [output];
  const direct = destinationOf(DOCKER, to);
  const prerouting = direct
    ? [...bridgesIn(DOCKER).map((name) => rule('PREROUTING', `-i ${name} `, `:${to}`)), rule('PREROUTING', '', direct)]
    : [rule('PREROUTING', '', `:${to}`)];
  return [...prerouting, output];
}

/** Returns the rules of these chains that carry the mark. */
export function markedIn({ PREROUTING, OUTPUT }: Chains, mark: string): Rule[] {
  const all = [...linesOf(PREROUTING), ...linesOf(OUTPUT)];
  return all.filter((rule) => rule.includes(`--comment "${mark}:`) || rule.includes(`--comment ${mark}:`));
}

/** Returns the rules in the tool's order: one chain after the other. */
export const byChain = (rules: Rule[]): Rule[] =>
  ['PREROUTING', 'OUTPUT'].flatMap((chain) => rules.filter((rule) => rule.startsWith(`${chain} `)));

/** Returns one transaction of `iptables-restore --noflush` that replaces the present rules by the wanted ones. */
export function transaction(present: Rule[], wanted: Rule[]): string {
  const chainOf = (rule: Rule) => rule.split(' ')[0]!;
  const inserted = [...wanted].reverse().map((rule) => `-I ${chainOf(rule)} 1 ${rule.slice(chainOf(rule).length + 1)}`);
  return ['*nat', ...present.map((rule) => `-D ${rule}`), ...inserted, 'COMMIT', ''].join('\n');
}

/** Returns where the engine leads a published port: `172.18.0.4:8080`. */
function destinationOf(docker: string, port: number): string | undefined {
  const rule = linesOf(docker).find((line) => line.includes(` --dport ${port} `));
  return rule && / -j DNAT --to-destination (\S+)/.exec(rule)?.[1];
}

/** Returns the bridges whose packets the engine leaves to its listeners. */
const bridgesIn = (docker: string): string[] =>
  linesOf(docker).flatMap((line) => /^DOCKER -i (\S+) -j RETURN$/.exec(line)?.[1] ?? []);

const linesOf = (text: string): Rule[] =>
  text.split('\n').flatMap((line) => (line.startsWith('-A ') ? [line.slice(3).trim()] : []));
