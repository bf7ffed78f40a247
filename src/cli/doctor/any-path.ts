import type { DesiredCheck } from '../../model/desired';
import { probe } from '../../probes';
import { anyPathNote } from '../../probes/any-path';
import { targetOf } from '../../probes/target';
import { checksOf } from '../../resolve/checks';
import type { RuntimeInstance } from '../../runtimes/runtime';
import { askedPort } from '../../spec/checks';
import type { ServiceSpec } from '../../spec/spec';
import { type Check, warn } from './check';

/** Checks if readiness checks over http prove anything: a running instance is asked at a path that nobody serves. */
export async function examineAnyPath(
  { folder, services }: { folder: string; services: Record<string, ServiceSpec> },
  observe: (service: string) => Promise<RuntimeInstance[]>,
): Promise<Check[]> {
  const found = await Promise.all(
    Object.entries(services).map(async ([name, service]) => {
      const { ready } = checksOf(service, { name, folder });
      if (ready?.http === undefined) return [];
      const running = (await observe(name)).find(({ state }) => state === 'running');
      const note = running && (await noteOf(running, ready));
      return note ? [warn('health', `${name}: ${running.name} ${note}`, wayOut)] : [];
    }),
  );
  return found.flat();
}

const wayOut = 'let health.ready ask a path that only the service answers, or write json with a member of its answer';

/** An instance that is not ready has nothing to compare with. */
async function noteOf(running: RuntimeInstance, check: DesiredCheck): Promise<string | undefined> {
  const target = { ...targetOf(running, askedPort(check)), check };
  return (await probe(target)).healthy ? await anyPathNote(probe, target) : undefined;
}
