import type { HaproxySpec } from '../../spec/proxies';
import type { ProxyAdapter, ProxyDeps } from '../proxy';
import { setNames } from '../sets';
import { haproxyProxy } from '.';
import { managedProxy } from './managed';

type Adapter = Omit<ProxyAdapter, 'capabilities'>;

/** Creates the adapter of a HAProxy that the user runs. */
export const haproxyAdapter = (spec: HaproxySpec, { lock }: ProxyDeps): Adapter => ({
  place: spec.socket,
  open: () => haproxyProxy({ spec, lock }),
  setNames,
});

/** Creates the adapter of a HAProxy that Belay runs: one for each platform and name. */
export const managedAdapter = (deps: ProxyDeps): Adapter => ({
  place: 'managed',
  open: (key) => managedProxy({ ...deps, ...key }),
  setNames,
});
