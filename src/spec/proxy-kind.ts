import type { ManagedSpec, ProxySpec } from './spec';

/** Whether Belay runs the proxy. */
export const isManaged = (spec: ProxySpec | undefined): spec is ManagedSpec =>
  spec?.kind === 'haproxy' && spec.managed === true;
