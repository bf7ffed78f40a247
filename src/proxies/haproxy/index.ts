import { BelayError } from '../../errors';
import { poll } from '../../poll';
import type { HaproxySpec } from '../../spec/spec';
import type { Proxy, ServerRef, Share } from '../proxy';
import { type Addressing, ipAddressing } from './addressing';
import { ask, read, refused } from './api';
import { choiceLacks, chosenServers, setChosen } from './chosen';
import { frontOf } from './front';
import { listensHere } from './here';
import { serverOf, serversOf } from './look';
import { haproxySets } from './map';
import {
  admitOrders,
  clearOrders,
  drainOrders,
  type Order,
  type Orders,
  placeOrders,
  removeOrders,
  weighOrders,
} from './orders';
import type { HaproxyServer } from './servers';
import { readConfig, rememberNames, stateFileOf, writeState } from './state-file';
import { keepsClients } from './sticky';
import { reloadIsOver } from './workers';

const LAST_CHECK_MS = 60_000;
const POLL_MS = 20;
const ATTEMPTS = 3;

export interface HaproxyDeps {
  spec: HaproxySpec;
  /** Runs one act at a time for a name, over all processes of the host. */
  lock: <T>(name: string, act: () => Promise<T>) => Promise<T>;
}

/** Present location of a HAProxy. */
export interface HaproxyPlace extends Omit<HaproxySpec, 'kind'> {
  /**
   * Master sockets of other HAProxies that may still hold requests of the same backends; one of them may have ended.
   */
  leaving?: string[];
}

export interface Haproxy {
  locate(): Promise<HaproxyPlace>;
  /** Guards a change of servers and the writing of the state. */
  locked: <T>(act: () => Promise<T>) => Promise<T>;
  addressing: Addressing;
}

/** Creates a proxy of the user's own HAProxy, over its runtime API. */
export function haproxyProxy({ spec, lock }: HaproxyDeps): Proxy {
  const verbs = haproxyVerbs({
    locate: async () => spec,
    locked: (act) => lock(`haproxy:${spec.socket}`, act),
    addressing: ipAddressing,
  });
  return {
    ...verbs,
    async listening(backend) {
      const front = frontOf(await readConfig(spec.config), backend);
      return front && (await listensHere(spec.socket, front.port)) ? front : undefined;
    },
  };
}

/**
 * Creates the verbs over the runtime API. After every change, the state of all servers is written to the
 * configuration's server-state file. A server takes `rise` checks of the staged address to pass. `failing` may be the
 * former occupant's until the first check of the new one, `passing` never is.
 */
export function haproxyVerbs(haproxy: Haproxy): Proxy {
  return {
    stage: (ref, address) => stage(haproxy, ref, address),
    admit: (ref) => admit(haproxy, ref),
    // HAProxy would send chosen clients to a draining server too.
    async drain(ref) {
      await setChosen(haproxy, ref, false);
      await seek(
        haproxy,
        ref,
        ({ state }) => state !== 'ready',
        () => change(haproxy, ref, drainOrders),
      );
    },
    async remove(ref) {
      await setChosen(haproxy, ref, false);
      await seek(
        haproxy,
        ref,
        ({ state }) => state === 'maint',
        () => change(haproxy, ref, removeOrders),
      );
    },
    async weigh(shares) {
      for (const { chosen = false, ...share } of shares) {
        await weigh(haproxy, share);
        await setChosen(haproxy, share, chosen && (await serverOf(haproxy, share)).state === 'ready');
      }
    },
    async observe(backend) {
      const servers = await serversOf(haproxy, backend);
      const chosen = await chosenServers(haproxy, backend);
      return servers.map(({ serving, whole, twin, detail, ...server }) => ({
        ...server,
        ...(chosen.includes(server.server) && { chosen: true as const }),
      }));
    },
    unchosen: (backend, match) => choiceLacks(haproxy, { backend, match }),
    isSticky: async (backend) => keepsClients(await readConfig((await haproxy.locate()).config), backend),
    sets: haproxySets(haproxy),
  };
}

const admit = (haproxy: Haproxy, ref: ServerRef): Promise<void> =>
  seek(
    haproxy,
    ref,
    ({ state }) => state === 'ready',
    () => change(haproxy, ref, admitOrders),
  );

const weigh = (haproxy: Haproxy, { weight, ...ref }: Share): Promise<void> =>
  seek(
    haproxy,
    ref,
    (server) => (server.weight ?? server.detail.initialWeight) === (weight ?? server.detail.initialWeight),
    () => change(haproxy, ref, weighOrders(weight)),
  );

async function stage(haproxy: Haproxy, ref: ServerRef, address: string): Promise<void> {
  const { addressing } = haproxy;
  addressing.split(address);
  const isStaged = (server: HaproxyServer) => server.address === address && server.state !== 'maint';
  await seek(haproxy, ref, isStaged, async () => {
    if (!isFree(await serverOf(haproxy, ref))) {
      await change(haproxy, ref, clearOrders(address));
      await lastCheckDone(haproxy, ref);
    }
    await change(haproxy, ref, placeOrders(address, addressing));
  });
}

/** Ensures that serving servers serve in the wait backend too, even if the configuration had none until now. */
export async function bringTwins(haproxy: Haproxy, backend: string): Promise<void> {
  for (const { server, address, state, twin } of await serversOf(haproxy, backend)) {
    if (state !== 'ready' || !twin || (twin.state === 'ready' && twin.address === address)) continue;
    await stage(haproxy, { backend, server }, address);
    await admit(haproxy, { backend, server });
  }
}

/** A reload during a change may start a worker that has not received it: then the change is repeated. */
async function seek(
  haproxy: Haproxy,
  ref: ServerRef,
  holds: (server: HaproxyServer) => boolean,
  act: () => Promise<void>,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await act();
    const { master } = await haproxy.locate();
    if (master) await reloadIsOver(master);
    const server = await serverOf(haproxy, ref);
    if (holds(server) && (!server.twin || holds(server.twin))) return;
  }
  throw new BelayError(
    'proxy-refused',
    `${ref.backend}/${ref.server} did not keep its state: it was changed back ${ATTEMPTS} times`,
    {
      hint: 'See who else changes this server, or reloads HAProxy over and over.',
    },
  );
}

/** Acts and writes the state, both under the proxy's lock. It writes the state even if there was nothing to change. */
function change(haproxy: Haproxy, ref: ServerRef, orders: Orders): Promise<void> {
  return haproxy.locked(async () => {
    const { socket, config } = await haproxy.locate();
    const file = await stateFileOf(config);
    for (const order of orders(await serverOf(haproxy, ref), ref)) await give(socket, order);
    await saveState({ socket, file, addressing: haproxy.addressing });
  });
}

/** Writes the state of all servers to the file that HAProxy reads at its start. */
export async function saveState({
  socket,
  file,
  addressing,
}: {
  socket: string;
  file: string;
  addressing: Addressing;
}): Promise<void> {
  const dump = await read(socket, { command: 'show servers state', begins: '1\n#' });
  await writeState(file, addressing.kind === 'name' ? rememberNames(dump) : dump);
}

async function give(socket: string, { command, yes = /^\s*$/ }: Order): Promise<void> {
  const reply = await ask(socket, command);
  if (!yes.test(reply)) throw refused(command, reply);
}

const withTwin = (server: HaproxyServer): HaproxyServer[] => (server.twin ? [server, server.twin] : [server]);

/** A free server has no instance, and no check of a former one is under way. */
const isFree = (server: HaproxyServer): boolean =>
  withTwin(server).every(({ state, detail }) => state === 'maint' && !detail.checkRunning);

/** A running check of the former address would count for the next one. */
async function lastCheckDone(haproxy: Haproxy, ref: ServerRef): Promise<void> {
  const runs = ({ state, detail }: HaproxyServer) => state === 'maint' && detail.checkRunning;
  const until = async () => !withTwin(await serverOf(haproxy, ref)).some(runs);
  if (await poll({ until, every: POLL_MS, within: LAST_CHECK_MS })) return;
  throw new BelayError(
    'proxy-refused',
    `a health check of ${ref.backend}/${ref.server} has run for ${LAST_CHECK_MS / 1000} s`,
    {
      hint: 'Set "timeout check" in haproxy.cfg to a few seconds at most.',
    },
  );
}
