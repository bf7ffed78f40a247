import { BelayError } from '../../errors';
import { poll } from '../../poll';
import type { Proxy, ProxyServer, ServerRef } from '../proxy';
import { membersIn } from './answer';
import { refuseUnstartable } from './programs';
import { type Runner, run } from './run';

const POLL_MS = 50;

export interface CommandDeps extends Runner {
  /** Guards one change at a time. */
  locked: <T>(act: () => Promise<T>) => Promise<T>;
}

interface Change {
  verb: 'admit' | 'drain' | 'remove';
  ref: ServerRef;
  /** Tells if nothing is left to do. */
  holds(found: ProxyServer | undefined): boolean;
  /** Returns the address that the command is told; the member's own if absent. */
  at?(found: ProxyServer | undefined): string;
}

/**
 * Creates a proxy of four commands. A command runs only where `observe` does not show its state yet, one at a time for
 * the balancer; then `observe` is asked until it does. A member in maintenance counts as gone.
 */
export function commandProxy(deps: CommandDeps): Proxy {
  const seek = (change: Change) => seekState(deps, change);
  return {
    stage: (ref, address) =>
      seek({
        verb: 'drain',
        ref,
        holds: (found) => found?.address === address,
        at(found) {
          if (found) refuseBusy(deps, { ref, found, address });
          return address;
        },
      }),
    admit: (ref) =>
      seek({
        verb: 'admit',
        ref,
        holds: (found) => found?.state === 'ready',
        at: (found) => (found ?? unstaged(deps, ref)).address,
      }),
    drain: (ref) => seek({ verb: 'drain', ref, holds: (found) => found?.state !== 'ready' }),
    remove: (ref) => seek({ verb: 'remove', ref, holds: (found) => found === undefined }),
    weigh: async () => {},
    observe: (backend) => observe(deps, backend),
    isSticky: async () => false,
  };
}

async function observe(deps: CommandDeps, backend: string): Promise<ProxyServer[]> {
  // A command that cannot run is found before the first change.
  await refuseUnstartable(deps);
  return membersIn(await run(deps, { verb: 'observe', backend }), deps, backend);
}

const memberOf = async (deps: CommandDeps, { backend, server }: ServerRef): Promise<ProxyServer | undefined> =>
  (await observe(deps, backend)).find((one) => one.server === server);

async function seekState(deps: CommandDeps, change: Change): Promise<void> {
  const { verb, ref, holds } = change;
  const until = await deps.locked(() => runUnlessHeld(deps, change));
  if (until === undefined) return;
  let found: ProxyServer | undefined;
  const isSeen = async () => {
    found = await memberOf(deps, ref);
    return holds(found);
  };
  if (await poll({ until: isSeen, every: POLL_MS, within: until - Date.now() })) return;
  const shown = found ? `it as ${found.state} at ${found.address}` : 'no such member';
  throw new BelayError(
    'proxy-refused',
    `proxy ${deps.name}: ${verb} of ${label(ref)} has ended well, and observe shows ${shown} after ${deps.spec.timeout / 1000} s`,
    { hint: `see why it has no effect; where it takes longer, give proxies.${deps.name} a longer timeout` },
  );
}

/** Returns the time at which the change has to show; undefined if it was there already. */
async function runUnlessHeld(deps: CommandDeps, { verb, ref, holds, at }: Change): Promise<number | undefined> {
  const found = await memberOf(deps, ref);
  if (holds(found)) return undefined;
  const address = at ? at(found) : found!.address;
  const until = Date.now() + deps.spec.timeout;
  await run(deps, { verb, backend: ref.backend, member: ref.server, address });
  return until;
}

function refuseBusy(
  { name }: CommandDeps,
  { ref, found, address }: { ref: ServerRef; found: ProxyServer; address: string },
): void {
  const { state, inFlight = 0 } = found;
  if (state !== 'ready' && inFlight === 0) return;
  const load = state === 'ready' ? 'in traffic' : `holding ${inFlight} requests`;
  throw new BelayError(
    'proxy-refused',
    `proxy ${name}: ${label(ref)} is ${load} at ${found.address}; it cannot be given ${address}`,
    { hint: 'drain and remove it first' },
  );
}

function unstaged({ name }: CommandDeps, ref: ServerRef): never {
  throw new BelayError('proxy-refused', `proxy ${name}: observe shows no member ${label(ref)} to admit`, {
    hint: 'see who has taken it out: the drain command had added it',
  });
}

const label = ({ backend, server }: ServerRef): string => `${backend}/${server}`;
