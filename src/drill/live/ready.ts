import { BelayError } from '../../errors';
import { poll } from '../../poll';
import type { DrilledInstance } from '../../runtimes/drills';
import { type Address, isReachable, opened } from './clients';
import type { Subject } from './subject';

/** Milliseconds between two questions. */
const every = 150;
/** For a service without a readiness check. */
const patience = 60_000;

const local = '127.0.0.1';

/** The instance, ready, and where it is asked; absent: it has no port. */
export interface Ready {
  view: DrilledInstance;
  at?: Address;
}

/** Returns once the instance is ready. Throws `instance-exited` and `not-ready`, with the end of its log. */
export async function untilReady(subject: Subject): Promise<Ready> {
  const { ready, asked } = subject.scenario;
  const within = ready ? ready.grace + ready.within : patience;
  let why = 'it did not answer';
  let inRow = 0;
  const found = await poll({
    every,
    within,
    signal: subject.signal,
    until: async () => {
      const view = await running(subject);
      const at = await addressOf(view, asked);
      const said = await saidBy(subject, view, at);
      if (!said.healthy) why = said.why;
      inRow = said.healthy ? inRow + 1 : 0;
      return inRow >= (ready?.healthy ?? 1) && { view, at };
    },
  });
  if (found) return found;
  throw await failed(subject, { code: 'not-ready', how: `was not ready within ${within / 1000} s: ${why}` });
}

/** The host of the instance's own ports; absent: they are ports of this machine. */
export const hostOf = (at?: Address): string | undefined => (at?.own && at.host !== local ? at.host : undefined);

/** The instance's own address where this machine reaches it: the engine's proxy would accept for a closed port. */
async function addressOf(
  { instance, pid, network }: DrilledInstance,
  asked: Subject['scenario']['asked'],
): Promise<Address | undefined> {
  if (!asked) return undefined;
  const { port, path, tls } = asked;
  const own = { host: instance.address ?? '', port, path, tls, own: true };
  if (pid !== undefined && network === 'own' && instance.address !== undefined && (await isReachable(own))) return own;
  const published = instance.ports[port];
  return published === undefined ? undefined : { host: local, port: published, path, tls, own: network === 'host' };
}

async function saidBy(subject: Subject, view: DrilledInstance, at?: Address) {
  const { ready } = subject.scenario;
  if (view.starting) return { healthy: false as const, why: 'it is still starting' };
  return ready ? await subject.check(view, ready, hostOf(at)) : await accepts(at);
}

async function accepts(at?: Address): Promise<{ healthy: true } | { healthy: false; why: string }> {
  if (!at) return { healthy: true };
  const socket = await opened(at);
  socket?.destroy();
  return socket ? { healthy: true } : { healthy: false, why: `port ${at.port} accepts no connection` };
}

async function running(subject: Subject): Promise<DrilledInstance> {
  const view = await subject.drills.look(subject.name);
  if (view?.instance.state === 'running') return view;
  const how = view ? `exited with code ${view.instance.exitCode ?? 'unknown'} before it was ready` : 'is gone';
  throw await failed(subject, { code: 'instance-exited', how });
}

async function failed(
  { drills, name, mask }: Subject,
  { code, how }: { code: 'not-ready' | 'instance-exited'; how: string },
): Promise<BelayError> {
  const tail = mask(await drills.logTail(name, 12).catch(() => '')).slice(-1500);
  return new BelayError(code, `the instance of the drill ${how}${tail && `; its last lines: ${tail}`}`, {
    hint: 'see health.ready, the log, and what the instance waits for: it has the service’s networks and no name on them',
  });
}
