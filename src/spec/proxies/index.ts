import { z } from 'zod';
import { BelayError } from '../../errors';
import { CommandProxy, type CommandSpec, command, countingCommand } from './command';
import { HaproxyProxy, haproxy, ManagedProxy, managedHaproxy } from './haproxy';
import type { ForeignKey, ProxyCapabilities, ProxyKind } from './kind';
import { NginxProxy, nginx } from './nginx';
import { NoProxy, none } from './none';

export { type ProxyCapabilities, type RouteKey, routeKeys } from './kind';

export const ProxySpec = z.discriminatedUnion('kind', [
  z.discriminatedUnion('managed', [HaproxyProxy, ManagedProxy]),
  NginxProxy,
  CommandProxy,
  NoProxy,
]);

export type { CommandSpec } from './command';
export type HaproxySpec = z.infer<typeof HaproxyProxy>;
export type ManagedSpec = z.infer<typeof ManagedProxy>;
export type NginxSpec = z.infer<typeof NginxProxy>;
export type ProxySpec = z.infer<typeof ProxySpec>;

/** The spec of each kind of proxy. A new kind is a file here, and a line in the lists. */
export interface ProxySpecs {
  haproxy: HaproxySpec;
  'managed haproxy': ManagedSpec;
  nginx: NginxSpec;
  command: CommandSpec;
  'counting command': CommandSpec;
  none: z.infer<typeof NoProxy>;
}

export type ProxyKindName = keyof ProxySpecs;

const kinds: Record<ProxyKindName, ProxyKind> = {
  haproxy,
  'managed haproxy': managedHaproxy,
  nginx,
  command,
  'counting command': countingCommand,
  none,
};

export function proxyKindOf(spec: ProxySpec): ProxyKindName {
  if (spec.kind === 'haproxy' && spec.managed) return 'managed haproxy';
  return spec.kind === 'command' && spec.counts ? 'counting command' : spec.kind;
}

export const isKind = <K extends ProxyKindName>(spec: ProxySpec, kind: K): spec is ProxySpecs[K] & ProxySpec =>
  proxyKindOf(spec) === kind;

/** Whether this Belay has the kind: what the host has kept may be of a newer one. */
export const isKnown = (spec: ProxySpec): boolean => Object.hasOwn(kinds, proxyKindOf(spec));

/** Throws `ledger-newer` where this Belay does not have the kind. */
export function capabilitiesOf(spec: ProxySpec): ProxyCapabilities {
  if (isKnown(spec)) return kinds[proxyKindOf(spec)].capabilities;
  throw new BelayError(
    'ledger-newer',
    `this Belay knows no proxy of kind ${spec.kind}: a newer one has written it down`,
    {
      hint: 'upgrade the worker and the command on this host to that version, or a later one: belay --version',
    },
  );
}

/** The capabilities of a proxy by name; no capabilities for an unknown name. */
export const capabilitiesAt = (proxies: Record<string, ProxySpec>, name: string): ProxyCapabilities =>
  Object.hasOwn(proxies, name) ? capabilitiesOf(proxies[name]!) : none.capabilities;

/** The hint for a key that the proxy does not take. */
export const insteadOf = (spec: ProxySpec, key: ForeignKey): string =>
  kinds[proxyKindOf(spec)].instead[key] ?? 'leave it out';

/** The proxies of a platform in this folder, as the host keeps them: commands stay in the folder that they are from. */
export const withFolders = (folder: string, proxies: Record<string, ProxySpec>): Record<string, ProxySpec> =>
  Object.fromEntries(
    Object.entries(proxies).map(([name, spec]) => [name, spec.kind === 'command' ? { folder, ...spec } : spec]),
  );
