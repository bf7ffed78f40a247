import type { Finding } from '../checks/finding';
import { memoryFinding } from '../checks/memory';
import { graceFinding, signalFinding } from '../checks/stop';
import { availableMemory } from '../hosts/memory';
import type { Fit } from '../model/plan';
import type { InstanceFacts, InstanceQuery, Runtime, RuntimeInstance } from '../runtimes/runtime';
import { known } from './known';

/** Instances of a service are alike: so many tell what all use. */
const most = 3;

/** Checks what the release asks of memory and of the instances that it stops. */
export async function loadFindings(
  runtime: Runtime,
  { extra, stop, uncounted }: Fit,
  { platform, service, project }: InstanceQuery,
): Promise<Array<Finding | undefined>> {
  const seen = (await known(() => runtime.observe({ platform, service, project }))) ?? [];
  const running = seen.filter(({ state }) => state === 'running').slice(0, most);
  const [available, ...each] = await Promise.all([
    known(availableMemory),
    ...running.map((one) => known(() => runtime.facts?.(one.name))),
  ]);
  const instances = each.map((one) => one ?? {});
  const grace =
    stop && uncounted !== undefined ? graceFinding({ service, grace: stop.grace, drain: uncounted }) : undefined;
  return [
    ...(available === undefined ? [] : [memoryFinding({ service, extra, instances, available })]),
    ...(stop ? [signals(stop, running, instances)] : []),
    grace,
  ];
}

/** The first instance that does not hear its signal speaks for the others. */
function signals(
  { signal, grace }: NonNullable<Fit['stop']>,
  running: RuntimeInstance[],
  facts: InstanceFacts[],
): Finding | undefined {
  const all = running.map(({ name, stopSignal }, index) =>
    signalFinding({ instance: name, signal: signal ?? stopSignal, grace, handles: facts[index]?.handles }),
  );
  return all.find((one) => one !== undefined);
}
