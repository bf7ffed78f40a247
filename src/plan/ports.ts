import { BelayError } from '../errors';
import type { DesiredService } from '../model/desired';
import type { ObservedInstance } from '../model/observed';
import type { ServiceInput } from './plan-release';

/** Host ports for instances to launch: of the reserved range, or of the service's own. */
export interface Ports {
  /** True if one more instance has its ports, or will have. */
  suffice(): boolean;
  /**
   * Host port by container port, and the steps that free them; those of `near`, else the same number, before others.
   * Throws `preflight-failed` where they do not suffice.
   */
  take(near?: Record<string, number>): { ports: Record<string, number>; needs: string[] };
  /** The ports of an instance are free after this step; at once without one. An ended one has none any more. */
  free(one: Pick<ObservedInstance, 'ports'> & Partial<Pick<ObservedInstance, 'state'>>, step?: string): void;
}

type PortsInput = Pick<ServiceInput, 'desired' | 'observed' | 'takePort'>;

export const createPorts = (input: PortsInput): Ports =>
  input.desired.hostPorts ? ownPorts(input, input.desired.hostPorts) : reservedPorts(input);

const reservedPorts = ({ desired, takePort }: PortsInput): Ports => ({
  suffice: () => true,
  take: () => ({ ports: Object.fromEntries(desired.ports.map((port) => [port, takePort()])), needs: [] }),
  free: () => undefined,
});

/** An instance that is to go leaves its ports to a new one. */
function ownPorts({ desired, observed }: PortsInput, own: number[]): Ports {
  const running = observed.instances.filter(({ state }) => state === 'running');
  // A server would send requests to an instance at the port of a lost one before it is ready.
  const held = [...running, ...(observed.lost ?? [])].flatMap(({ ports }) => Object.values(ports));
  const open: Array<{ port: number; step?: string }> = own
    .filter((port) => !held.includes(port))
    .map((port) => ({ port }));
  const suffice = () => open.length >= desired.ports.length;
  return {
    suffice,
    take(near = {}) {
      if (!suffice()) throw tooFewPorts(desired, own);
      const wanted = (port: number) => [near[port], port, ...Object.values(near)];
      const taken = desired.ports.map((port) => {
        const index = wanted(port).map((one) => open.findIndex((other) => other.port === one));
        // A port of the same number as one asked later is left to that one.
        const other = open.findIndex((one) => !desired.ports.includes(one.port));
        const [chosen = Math.max(0, other)] = index.filter((one) => one !== -1);
        return [port, open.splice(chosen, 1)[0]!] as const;
      });
      return {
        ports: Object.fromEntries(taken.map(([port, one]) => [port, one.port])),
        needs: [...new Set(taken.flatMap(([, { step }]) => step ?? []))],
      };
    },
    free: ({ ports, state = 'running' }, step) => {
      if (state !== 'running') return;
      const known = Object.values(ports).filter((port) => own.includes(port) && !open.some((one) => one.port === port));
      open.push(...known.map((port) => ({ port, step })));
    },
  };
}

/** The plan cannot be made because all ports of the service are in use. */
export const tooFewPorts = ({ service }: DesiredService, own: number[]): BelayError =>
  new BelayError(
    'preflight-failed',
    `${service}: every one of its ports (${own.join(', ') || 'none'}) is in use; the next instance finds none`,
    {
      hint: 'give the service one more port, or write unavailable: 1 in place of surge, or strategy: { kind: recreate }',
    },
  );
