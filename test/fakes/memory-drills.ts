import { BelayError } from '../../src/errors';
import type { DrilledInstance, Drills } from '../../src/runtimes/drills';

export interface MemoryDrills extends Drills {
  /** Names of the instances that are there. */
  names(): string[];
  /** Exit codes by signal; an instance ignores other signals. SIGKILL ends each. */
  codes: Record<string, number>;
  /** What a removal leaves, in words. */
  left: string[];
}

/** Instances of drills in memory, which another machine seems to run: nobody sees their processes. */
export function memoryDrills(): MemoryDrills {
  const instances = new Map<string, { owner: string; exitCode?: number; running: boolean }>();
  const of = (name: string) => {
    const found = instances.get(name);
    if (!found) throw new BelayError('instance-lost', `${name} is gone`);
    return found;
  };
  const drills: MemoryDrills = {
    codes: { SIGTERM: 0, SIGINT: 0 },
    left: [],
    names: () => [...instances.keys()],
    async create({ name, owner }) {
      instances.set(name, { owner, running: false });
    },
    async start(name) {
      of(name).running = true;
    },
    async look(name): Promise<DrilledInstance | undefined> {
      const found = instances.get(name);
      return found && { network: 'own', instance: instanceOf(name, found) };
    },
    async signal(name, which) {
      const code = which === 'SIGKILL' ? 137 : drills.codes[which];
      if (code !== undefined) Object.assign(of(name), { running: false, exitCode: code });
    },
    async ended(name, signal) {
      while (instances.get(name)?.running) {
        signal.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    logTail: async () => '',
    logSinceStart: async () => '',
    run: async () => ({ code: 0, output: '' }),
    async sweep(owner) {
      const own = [...instances].filter(([, one]) => one.owner === owner);
      for (const [name] of own) instances.delete(name);
      return own.length > 0 ? drills.left : [];
    },
  };
  return drills;
}

const instanceOf = (
  name: string,
  { running, exitCode }: { running: boolean; exitCode?: number },
): DrilledInstance['instance'] => ({
  name,
  revision: 0,
  fingerprint: '',
  state: running ? 'running' : exitCode === undefined ? 'created' : 'exited',
  ...(!running && { exitCode }),
  restarts: 0,
  startedAt: new Date(0).toISOString(),
  health: 'none',
  ports: {},
  published: [],
  stopSignal: 'SIGTERM',
});
