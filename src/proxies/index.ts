import { isManaged } from '../spec/proxy-kind';
import type { ProxySpec } from '../spec/spec';
import { type HaproxyDeps, haproxyProxy } from './haproxy';
import { type ManagedKey, managedProxy } from './haproxy/managed';
import { noProxy } from './none';
import type { Proxy } from './proxy';

export type ProxyDeps = Pick<HaproxyDeps, 'lock'> & ManagedKey;

/** The adapter of a proxy's kind; `name` is the one that the platform gives it. */
export function createProxy(spec: ProxySpec, { lock, ...key }: ProxyDeps): Proxy {
  if (spec.kind === 'none') return noProxy();
  return isManaged(spec) ? managedProxy({ ...key, lock }) : haproxyProxy({ spec, lock });
}
