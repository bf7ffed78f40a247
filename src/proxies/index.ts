import { capabilitiesOf, isKind, type ProxySpec } from '../spec/proxies';
import { haproxyAdapter, managedAdapter } from './haproxy/adapter';
import { noProxy } from './none';
import type { ProxyAdapter, ProxyDeps } from './proxy';

/** Returns the adapter of a proxy. A new kind is a folder here, and a line. Throws `ledger-newer` for an unknown kind. */
export function adapterOf(spec: ProxySpec, deps: ProxyDeps): ProxyAdapter {
  const capabilities = capabilitiesOf(spec);
  if (isKind(spec, 'managed haproxy')) return { capabilities, ...managedAdapter(deps) };
  if (isKind(spec, 'haproxy')) return { capabilities, ...haproxyAdapter(spec, deps) };
  return { capabilities, place: 'none', open: noProxy };
}
