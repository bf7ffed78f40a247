import type { DesiredService, DesiredStrategy, KeptInstance } from '../model/desired';
import type { ObservedRevision } from '../model/observed';
import { mostCanaries } from '../spec/strategy-counts';

/** A revision as the ledger keeps it, as far as a way back needs it. */
export type Kept = ObservedRevision & { snapshots?: Record<string, { HostConfig?: { PortBindings?: unknown } }> };

/**
 * Where a rollback leads: to the revision before the head, or to the head itself when a newer one was begun and never
 * recorded (its release was terminated). Undefined when there is nothing to go back to.
 */
export function rollbackTarget<R extends Kept>({ head, revisions }: { head?: number; revisions: R[] }): R | undefined {
  const at = (number?: number) => revisions.find((one) => one.number === number);
  const begun = revisions.find((one) => one.state === 'pending' && one.number > (head ?? -1));
  if (!begun) return at(at(head)?.previous);
  // A rollback that was given up halfway leads where it was to lead.
  return at(begun.desired.kept?.revision ?? head);
}

/** What a rollback asks for: the revision as it was, from the image and configuration that the host has kept. */
export function keptService({ number, previous, desired, snapshots }: Kept): DesiredService {
  const instances =
    number === 0 && snapshots
      ? Object.entries(snapshots).map(([name, options]) => ({ name, ...portsOf(options) }))
      : undefined;
  // No smoke test of a later spec is run.
  return { ...desired, strategy: backStrategy(desired), validate: [], kept: { revision: number, previous, instances } };
}

/** Nobody is asked on the way back, and nothing is tried on a few. */
function backStrategy({ strategy, instances }: DesiredService): DesiredStrategy {
  if (strategy.kind === 'rolling') return { ...strategy, pause_after: undefined };
  if (strategy.kind !== 'canary') return strategy;
  return { kind: 'rolling', surge: mostCanaries(strategy.steps, instances), unavailable: 0 };
}

interface Binding {
  HostIp?: string;
  HostPort?: string;
}

/** Of a container that Compose started; over TCP. */
function portsOf({ HostConfig }: { HostConfig?: { PortBindings?: unknown } }): Omit<KeptInstance, 'name'> {
  const bindings = (HostConfig?.PortBindings ?? {}) as Record<string, Binding[] | null>;
  const entries = Object.entries(bindings).flatMap(([key, list]) => {
    const [port, protocol] = key.split('/');
    const hosts = (list ?? []).filter(({ HostPort }) => HostPort);
    return protocol === 'tcp' && hosts.length > 0 ? [{ port: port!, hosts }] : [];
  });
  return {
    ports: Object.fromEntries(entries.map(({ port, hosts }) => [port, portOf(hosts.find(isOnLoopback) ?? hosts[0]!)])),
    published: entries.flatMap(({ hosts }) => hosts.map(portOf)),
  };
}

const portOf = ({ HostPort }: Binding): number => Number(HostPort);

/** There a proxy of the user's own asks it. */
const isOnLoopback = ({ HostIp = '' }: Binding): boolean => ['', '0.0.0.0', '::', '127.0.0.1'].includes(HostIp);
