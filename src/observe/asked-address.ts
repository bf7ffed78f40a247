import type { AskedAddress } from '../model/desired';
import { checkNeed, hostOf } from '../probes';
import type { ProbeResult } from '../probes/probe';
import { unhealthy } from '../probes/probe-result';
import type { Sources } from '../runtimes/runtime';
import { usualRuntime } from '../spec/runtimes';
import type { Spec } from '../spec/spec';

/** The address of a container of this name. Undefined if none has the name. */
export type FindNeighbour = (name: string) => Promise<{ address?: string } | undefined>;

/** The services from which a test of the whole platform looks. */
export function lookedFrom({ services }: Pick<Spec, 'services'>): string[] {
  const known = Object.entries(services);
  const usual = known.filter(([, { runtime = usualRuntime }]) => runtime === usualRuntime);
  return (usual.length > 0 ? usual : known).map(([name]) => name);
}

/** Finds names as these services know them; one with an address first. */
export const neighbours =
  (sources: Pick<Sources, 'neighbour'>, services: string[]): FindNeighbour =>
  async (name) => {
    const found = await Promise.all(services.map((service) => sources.neighbour(service, name)));
    return found.find((one) => one?.address) ?? found.find((one) => one !== undefined);
  };

interface Asking {
  /** With the values of its variables. */
  asked: AskedAddress;
  find: FindNeighbour;
  /** Milliseconds. */
  timeout: number;
  signal?: AbortSignal;
}

/** Asks the address of a test of the platform once; undefined for what is no address. */
export async function askAddress({ asked, find, ...bounds }: Asking): Promise<ProbeResult | undefined> {
  const { kind, text, command: _, folder: __, ...options } = asked;
  const host = hostOf({ kind, text });
  if (host === undefined) return undefined;
  const neighbour = await find(host);
  if (neighbour && !neighbour.address)
    return unhealthy(`none of the containers of ${host} runs on a network of the services`);
  return await checkNeed({ ...options, kind, text, address: neighbour?.address, ...bounds });
}
