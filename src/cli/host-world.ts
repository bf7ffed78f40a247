import type { Deps } from '../host';
import { createMasker } from '../hosts/secrets';
import { adapterOf } from '../proxies';
import { runtimesOf } from '../runtimes';
import { dockerRuntime } from '../runtimes/docker';

/** Returns this host's runtimes and proxies, for commands that only look. */
export function hostWorld({ home }: Pick<Deps, 'home'>): Pick<Deps, 'home' | 'runtimeOf' | 'proxyOf'> {
  return {
    home,
    runtimeOf: runtimesOf({ engine: dockerRuntime(), home, masker: createMasker() }),
    // Who only looks changes nothing, and needs no lock.
    proxyOf: (spec) => adapterOf(spec, { home, lock: (_name, act) => act() }),
  };
}
