import { createMasker } from '../../src/hosts/secrets';
import type { Runtime } from '../../src/runtimes/runtime';
import { systemdAdapter } from '../../src/runtimes/systemd';

/** Returns the adapter of the machine in which it runs; one without systemd for `offline`. */
export function openRuntime({ home, offline }: { home: string; offline?: true }): Runtime {
  const nowhere = { systemctl: '/nonexistent/systemctl', journalctl: '/nonexistent/journalctl' };
  return systemdAdapter({ home, masker: createMasker() }, offline && nowhere);
}
