import { type Ended, runProgram } from '../../../run-program';
import { type Check, ok } from '../check';

/** The filter of connections to this machine. */
export interface Firewall {
  /** Its name; undefined if none is at work. */
  tool?: string;
  /** Rules that let connections in. */
  rules: string[];
  /** True if the filter cannot be seen by this user. */
  hidden?: true;
}

/** Output of each tool; undefined if it is missing. */
export interface FirewallSaid {
  ufw?: string;
  firewalld?: string;
  nft?: string;
  iptables?: string;
  /** True if one of them is there and refuses. */
  refused?: boolean;
}

/** Returns the filter that these outputs tell of. Pure. */
export function firewallOf({ ufw, firewalld, nft, iptables, refused }: FirewallSaid): Firewall {
  if (ufw?.startsWith('Status: active')) return { tool: 'ufw', rules: linesWith(ufw, /\bALLOW\b/) };
  if (firewalld?.includes('ports:')) return { tool: 'firewalld', rules: linesWith(firewalld, /^\s*ports:|accept/) };
  const chains = [...(nft ?? '').matchAll(/hook input [^{}]*?policy (\w+);((?:[^{}]|\{[^{}]*\})*)\}/g)];
  const closed = chains.filter(([, policy, rules]) => policy === 'drop' || /^\s*(drop|reject)/m.test(rules!));
  const inNft = closed.flatMap(([, , rules]) => linesWith(rules!, /dport .*accept/));
  if (closed.length > 0) return { tool: 'nftables', rules: inNft };
  if (iptables?.includes('-P INPUT DROP')) return { tool: 'iptables', rules: linesWith(iptables, /dports? .*ACCEPT/) };
  return { rules: [], ...(refused && { hidden: true }) };
}

const linesWith = (text: string, pattern: RegExp): string[] =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => pattern.test(line));

/** Tells if connections from other machines to this port are let in. Pure. */
export const letIn = (firewall: Firewall, port: number): boolean =>
  firewall.tool === undefined || rulesFor(firewall, port).length > 0;

const rulesFor = ({ rules }: Firewall, port: number): string[] =>
  rules.filter((rule) =>
    [...rule.matchAll(/(?<![\d./])(\d+)(?:[:-](\d+))?(?![\d.])/g)].some(
      ([, first, last = first]) => Number(first) <= port && port <= Number(last),
    ),
  );

/** Says which of these ports the firewall lets in. Pure. */
export function firewallCheck(firewall: Firewall, ports: number[]): Check {
  const { tool, hidden } = firewall;
  if (hidden) return ok('firewall', 'you may not see its rules: ask as root');
  if (tool === undefined) return ok('firewall', 'none filters connections to this machine (ufw, firewalld, nftables)');
  const open = ports.flatMap((port) => rulesFor(firewall, port).map((rule) => `${port} (${rule})`));
  return ok(
    'firewall',
    `${tool} filters; ${open.length > 0 ? `it lets in ${open.join(', ')}` : 'it lets none in here'}`,
  );
}

const timeout = 10_000;

/** Asks each tool for its rules. */
export async function readFirewall(): Promise<Firewall> {
  const said = await Promise.all([
    ask('ufw', ['status']),
    ask('firewall-cmd', ['--list-all']),
    ask('nft', ['list', 'ruleset']),
    ask('iptables', ['-S', 'INPUT']),
  ]);
  const [ufw, firewalld, nft, iptables] = said.map((one) => (one.code === 0 ? one.output : undefined));
  // firewall-cmd ends with 252 while firewalld does not run.
  const refused = said.some(({ code }) => ![0, 252, 'ENOENT'].includes(code));
  return firewallOf({ ufw, firewalld, nft, iptables, refused });
}

const ask = (command: string, args: string[]): Promise<Ended> => runProgram({ command, args, timeout });
