import type { Listening } from '../../model/listening';
import { type HaproxySection, lineOf, readHaproxyConfig } from './sections';
import { keepsClients } from './sticky';

/**
 * Returns where HAProxy listens for plain HTTP that all goes to the backend. Pure.
 */
export function frontOf(configText: string, backend: string): Listening | undefined {
  const { sections } = readHaproxyConfig(configText);
  for (const section of sections.filter((one) => leadsOnlyTo(one, backend))) {
    const address = section.lines.filter(([word]) => word === 'bind').flatMap(plainAddress)[0];
    if (address) return { ...address, shared: isShared(configText, sections, backend) };
  }
  return undefined;
}

function leadsOnlyTo({ kind, name, lines, effective }: HaproxySection, backend: string): boolean {
  if (kind !== 'frontend' && kind !== 'listen') return false;
  if (effective.some((words) => words.includes('expect-proxy'))) return false;
  const choices = lines.filter(([word]) => word === 'use_backend').map((words) => words.slice(1).join(' '));
  // While no instance serves, requests wait in a backend with the same servers.
  const others = choices.filter((choice) => !/^\S+-wait( |$)/.test(choice));
  const usual = kind === 'listen' ? name : lineOf(effective, 'default_backend')?.[1];
  if (others.length === 0) return usual === backend;
  const [, key] = /^%\[str\(([\w.:-]+)\),map\([^)\s]+\)\]$/.exec(others[0]!) ?? [];
  return others.length === 1 && key === backend;
}

/** Options of a line by which it takes something else than plain HTTP. */
const others = ['ssl', 'accept-proxy', 'proto', 'quic-socket'];

function plainAddress([, places = '', ...options]: string[]): Array<Pick<Listening, 'host' | 'port'>> {
  if (options.some((one) => others.includes(one))) return [];
  return places.split(',').flatMap((place) => {
    const [, host = '', port] = /^(?:ipv[46]@)?(\*|[\d.]+|\[?[\da-fA-F:]*\]?)?:(\d+)$/.exec(place) ?? [];
    return port === undefined ? [] : [{ host: host.replace(/[[\]]/g, ''), port: Number(port) }];
  });
}

const sharing = ['roundrobin', 'static-rr', 'random', 'leastconn'];

function isShared(configText: string, sections: HaproxySection[], backend: string): boolean {
  const found = sections.find(({ kind, name }) => ['backend', 'listen'].includes(kind) && name === backend);
  const [, balance = 'roundrobin'] = (found && lineOf(found.effective, 'balance')) ?? [];
  return !keepsClients(configText, backend) && sharing.includes(balance.replace(/\(.*/, ''));
}
