import { capabilitiesOf, isKind, type ProxySpec } from '../spec/proxies';
import { haproxyAdapter, managedAdapter } from './haproxy/adapter';
import { noProxy } from './none';
import type { ProxyAdapter, ProxyDeps } from './proxy';

/** The adapter of a proxy. A new kind is a folder here, and a line. Throws `ledger-newer` for one that this Belay does not have. */
export function adapterOf(spec: ProxySpec, deps: ProxyDeps): ProxyAdapter {
  const capabilities = capabilitiesOf(spec);
  if (isKind(spec, 'managed haproxy')) return { capabilities, ...managedAdapter(deps) };
  if (isKind(spec, 'haproxy')) return { capabilities, ...haproxyAdapter(spec, deps) };
  return { capabilities, place: 'none', open: noProxy };
}
