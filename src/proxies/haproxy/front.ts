import type { Listening } from '../../model/listening';
import { setNames } from '../sets';
import { type HaproxySection, lineOf, readHaproxyConfig } from './sections';
import { keepsClients } from './sticky';

/**
 * Returns where HAProxy listens for plain HTTP that all goes to the backend, and no cache answers. Pure.
 */
export function frontOf(configText: string, backend: string): Listening | undefined {
  const { sections } = readHaproxyConfig(configText);
  const servers = [backend, ...setNames(backend)].flatMap((name) => [name, `${name}-wait`]);
  if (sections.some((one) => one.kind !== 'frontend' && servers.includes(one.name) && caches(one))) return undefined;
  for (const section of sections.filter((one) => leadsOnlyTo(one, backend) && !caches(one))) {
    const address = section.lines.filter(([word]) => word === 'bind').flatMap(plainAddress)[0];
    if (address) return { ...address, shared: isShared(configText, sections, backend) };
  }
  return undefined;
}

function leadsOnlyTo({ kind, name, lines, effective }: HaproxySection, backend: string): boolean {
  if (kind !== 'frontend' && kind !== 'listen') return false;
  if (effective.some((words) => words.includes('expect-proxy'))) return false;
  const choices = lines.filter(([word]) => word === 'use_backend').map((words) => words.slice(1).join(' '));
  const others = choices.filter((choice) => !isOwnWait(choice, backend));
  const usual = kind === 'listen' ? name : lineOf(effective, 'default_backend')?.[1];
  if (others.length === 0) return usual === backend;
  return others.length === 1 && chosenBy(others[0]!) === backend;
}

/** True for the backend with the same servers where requests wait while no instance serves. */
function isOwnWait(choice: string, backend: string): boolean {
  const [, name] = /^(\S+)-wait(?: |$)/.exec(choice) ?? [];
  return name !== undefined && ([backend, ...setNames(backend)].includes(name) || chosenBy(name) === backend);
}

/** Returns the key by which a map chooses the backend. */
const chosenBy = (choice: string): string | undefined => /^%\[str\(([\w.:-]+)\),map\([^)\s]+\)\]$/.exec(choice)?.[1];

/** True if an answer may be older than the request. */
const caches = ({ effective }: HaproxySection): boolean =>
  effective.some(([word, action]) => word === 'http-request' && action === 'cache-use');

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
