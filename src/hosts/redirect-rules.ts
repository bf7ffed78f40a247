/** New connections to a port of this host are led to another one of it. */
export interface Redirect {
  port: number;
  to: number;
  /** Of the host; every one of its addresses where absent. */
  address?: string;
}

/**
 * Leads nobody. The kernel may forget whom it has led when the last rule of a family is gone. Over IPv6 the engine often
 * has none of its own. So this one stands while they finish.
 */
export const LEADS_NOBODY: Redirect = { port: 0, to: 1 };

/** One rule as the kernel's tool prints it, without the word that adds or deletes it. */
export type Rule = string;

/** What the tool prints of the nat table's three chains (`iptables -t nat -S CHAIN`); of a chain that is missing nothing. */
export interface Chains {
  PREROUTING: string;
  OUTPUT: string;
  DOCKER: string;
}

/** A kernel has an nft and a legacy table. `iptables` is one of them, which depends on the system. */
export const kinds = ['nft', 'legacy'] as const;
export type Kind = (typeof kinds)[number];

/** Which one a tool changes, by what `--version` prints: `iptables v1.8.9 (nf_tables)`. Those before 1.8 name none. */
export const kindOf = (version: string): Kind => (version.includes('nf_tables') ? 'nft' : 'legacy');

/**
 * The one that the engine uses, by its chain DOCKER in each: where it leads ports, else where it has a chain at all. An engine
 * that has changed over leaves an empty chain behind.
 */
export const engineKind = (chains: Record<Kind, Chains['DOCKER']>): Kind | undefined =>
  kinds.find((kind) => chains[kind].includes(' -j DNAT ')) ?? kinds.find((kind) => chains[kind] !== '');

const isLoopback = (address = ''): boolean => address.startsWith('127.') || address === '::1';

const isEvery = (address?: string): address is undefined =>
  address === undefined || address === '0.0.0.0' || address === '::';

/** Whether rules of this family have anything to do with the address. */
export const concerns = (family: 4 | 6, { address }: Redirect): boolean =>
  address === undefined || address.includes(':') === (family === 6);

/**
 * The rules of one redirect, in the order in which they stand at the top of their chains. What comes from outside goes
 * where the engine itself leads the other port, past the machine's own listeners. So a packet filter sees it on the same
 * way, and the client's address stays. What comes from the engine's bridges or from this machine goes to the listener of
 * the other port, whose bridges the engine keeps apart.
 */
export function rulesOf(mark: string, { port, to, address }: Redirect, { DOCKER }: Pick<Chains, 'DOCKER'>): Rule[] {
  const only = isEvery(address) ? '' : `-d ${address}/${address.includes(':') ? '128' : '32'} `;
  // What is established is never led: until now the kernel may not have known of it.
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

/** Of these chains, the rules that carry the mark. */
export function markedIn({ PREROUTING, OUTPUT }: Chains, mark: string): Rule[] {
  const all = [...linesOf(PREROUTING), ...linesOf(OUTPUT)];
  return all.filter((rule) => rule.includes(`--comment "${mark}:`) || rule.includes(`--comment ${mark}:`));
}

/** As the kernel's tool shows them: those of one chain, and then those of the other. */
export const byChain = (rules: Rule[]): Rule[] =>
  ['PREROUTING', 'OUTPUT'].flatMap((chain) => rules.filter((rule) => rule.startsWith(`${chain} `)));

/** One transaction of `iptables-restore --noflush`: those that are there give way to those wanted. */
export function transaction(present: Rule[], wanted: Rule[]): string {
  const chainOf = (rule: Rule) => rule.split(' ')[0]!;
  const inserted = [...wanted].reverse().map((rule) => `-I ${chainOf(rule)} 1 ${rule.slice(chainOf(rule).length + 1)}`);
  return ['*nat', ...present.map((rule) => `-D ${rule}`), ...inserted, 'COMMIT', ''].join('\n');
}

/** Where the engine leads a published port: `172.18.0.4:8080`. */
function destinationOf(docker: string, port: number): string | undefined {
  const rule = linesOf(docker).find((line) => line.includes(` --dport ${port} `));
  return rule && / -j DNAT --to-destination (\S+)/.exec(rule)?.[1];
}

/** Packets from these the engine leaves to its listeners. */
const bridgesIn = (docker: string): string[] =>
  linesOf(docker).flatMap((line) => /^DOCKER -i (\S+) -j RETURN$/.exec(line)?.[1] ?? []);

const linesOf = (text: string): Rule[] =>
  text.split('\n').flatMap((line) => (line.startsWith('-A ') ? [line.slice(3).trim()] : []));
