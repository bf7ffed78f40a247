import type { NginxSpec } from '../../spec/proxies';
import type { ProxyAdapter, ProxyDeps } from '../proxy';
import { setNames } from '../sets';
import { nginxProxy } from '.';

/** Creates the adapter of an nginx that the user runs. */
export const nginxAdapter = (spec: NginxSpec, { lock }: ProxyDeps): Omit<ProxyAdapter, 'capabilities'> => ({
  place: spec.config,
  open: () => nginxProxy({ spec, lock }),
  setNames,
});
