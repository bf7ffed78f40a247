import { adapterOf } from '../../src/proxies';
import type { Proxy, ProxyAdapter } from '../../src/proxies/proxy';
import type { ProxyCapabilities, ProxySpec } from '../../src/spec/proxies';

/** Adapters of the kinds that the spec names, which open proxies of a test's own. */
export const adaptersOf =
  (open: (spec: ProxySpec) => Proxy, capabilities: Partial<ProxyCapabilities> = {}) =>
  (spec: ProxySpec): ProxyAdapter => {
    const adapter = adapterOf(spec, { home: '/nowhere', lock: (_name, act) => act() });
    return { ...adapter, capabilities: { ...adapter.capabilities, ...capabilities }, open: () => open(spec) };
  };
