import type { Deps } from '../../activities';
import { createEffects } from '../../src/hosts/effects';
import { createLedger } from '../../src/hosts/ledger';
import { createMasker } from '../../src/hosts/secrets';
import { forOnePlan, runtimesOf } from '../../src/runtimes';
import type { FakeRuntime } from './fake-runtime';
import { memoryDrills } from './memory-drills';

const noDrills = memoryDrills();

type Given = Partial<Omit<Deps, 'engine'>> & { home: string; runtime: FakeRuntime };

/** An engine in memory, the host's real files below `home`, a Temporal whose releases all run still, and no proxy. */
export const fakeDeps = ({ home, runtime, masker = createMasker(), ...others }: Given): Deps => ({
  home,
  host: 'h',
  specs: [],
  runtimeOf: runtimesOf({ engine: runtime, home, masker }),
  engine: runtime,
  containers: {} as Deps['containers'],
  drillsOf: () => noDrills,
  forOnePlan: () => forOnePlan({ engine: runtime, home, masker }),
  endpoint: { host: 'unix:///var/run/docker.sock', by: 'its usual socket', isUsual: true },
  effects: createEffects({ home }),
  ledger: createLedger({ home }),
  proxyOf: noProxy,
  fronts: {
    ensure: noProxy,
    dismiss: noProxy,
    leavingSince: noProxy,
    containers: async () => [],
    remove: noProxy,
    redirects: noRedirects,
  },
  refuseNew: async () => undefined,
  probe: runtime.probe,
  commandLine: async (args) => ({ text: `belay ${args.join(' ')}`, code: 0 }),
  masker,
  temporal: {
    address: '127.0.0.1:7233',
    namespace: 'default',
    cluster: 'c',
    hosts: async () => ['h'],
    phaseOf: async () => undefined,
    isOpen: async () => 'open',
    startedAt: async () => undefined,
    report: async () => true,
  },
  ...others,
});

const noRedirects = { possible: async () => false, hold: async () => true, seek: async () => undefined };

function noProxy(): never {
  throw new Error('no proxy here');
}
