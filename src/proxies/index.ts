import { capabilitiesOf, type ProxyKindName, type ProxySpec, type ProxySpecs, proxyKindOf } from '../spec/proxies';
import { commandAdapter } from './command/adapter';
import { haproxyAdapter, managedAdapter } from './haproxy/adapter';
import { nginxAdapter } from './nginx/adapter';
import { noProxy } from './none';
import type { ProxyAdapter, ProxyDeps } from './proxy';

type Adapt<P> = (spec: P, deps: ProxyDeps) => Omit<ProxyAdapter, 'capabilities'>;

/** The adapter of each kind of proxy. A new kind is a folder here, and a line. */
const adapters: { [K in ProxyKindName]: Adapt<ProxySpecs[K]> } = {
  haproxy: haproxyAdapter,
  'managed haproxy': (_spec, deps) => managedAdapter(deps),
  nginx: nginxAdapter,
  command: commandAdapter,
  'counting command': commandAdapter,
  none: () => ({ place: 'none', open: noProxy }),
};

/** Returns the adapter of a proxy. Throws `ledger-newer` for a kind that only a newer Belay has. */
export function adapterOf(spec: ProxySpec, deps: ProxyDeps): ProxyAdapter {
  const capabilities = capabilitiesOf(spec);
  const adapt = adapters[proxyKindOf(spec)] as Adapt<ProxySpec>;
  return { capabilities, ...adapt(spec, deps) };
}
