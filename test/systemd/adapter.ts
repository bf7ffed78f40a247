import { createMasker } from '../../src/hosts/secrets';
import type { Runtime } from '../../src/runtimes/runtime';
import { systemdAdapter } from '../../src/runtimes/systemd';

export interface AdapterArgs {
  home: string;
  offline?: true;
  /** Another program in place of systemctl. */
  systemctl?: string;
}

/** Returns the adapter of the machine in which it runs; one without systemd for `offline`. */
export function openRuntime({ home, offline, systemctl }: AdapterArgs): Runtime {
  const nowhere = { systemctl: '/nonexistent/systemctl', journalctl: '/nonexistent/journalctl' };
  const other = systemctl === undefined ? undefined : { systemctl, journalctl: 'journalctl' };
  return systemdAdapter({ home, masker: createMasker() }, offline ? nowhere : other);
}
