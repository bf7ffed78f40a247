import type { ProxySpec } from '../spec/spec';
import { type HaproxyDeps, haproxyProxy } from './haproxy';
import { noProxy } from './none';
import type { Proxy } from './proxy';

export type ProxyDeps = Pick<HaproxyDeps, 'lock'>;

/** The adapter of a proxy's kind. */
export function createProxy(spec: ProxySpec, { lock }: ProxyDeps): Proxy {
  switch (spec.kind) {
    case 'haproxy':
      return haproxyProxy({ spec, lock });
    case 'none':
      return noProxy();
  }
}
