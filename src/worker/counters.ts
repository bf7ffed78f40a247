import type { MetricMeter, MetricTags } from '@temporalio/common';
import type { Ledger } from '../hosts/ledger';
import { counters, endings, watchEndings } from '../model/counters';

interface Known {
  ledger: Pick<Ledger, 'platforms' | 'services'>;
  /** Meter of the process. */
  meter: Pick<MetricMeter, 'createCounter'>;
  namespace: string;
  host: string;
}

/**
 * Starts the counters of the ledger's services at 0 when the worker starts, with the SDK's labels. A counter that
 * begins with its first event hides that event from `increase()`.
 */
export async function beginCounters({ ledger, meter, namespace, host }: Known): Promise<void> {
  const begin = (counter: keyof typeof counters, tags: MetricTags) => {
    const [name, unit, about] = counters[counter];
    meter.createCounter(name, unit, about).add(0, { namespace, ...tags });
  };
  const taskQueue = `belay-host-${host}`;
  for (const platform of await ledger.platforms()) {
    for (const kind of ['release', 'rollback'])
      for (const outcome of endings)
        begin('releases', { taskQueue: 'belay', workflowType: kind, platform, kind, outcome });
    for (const outcome of watchEndings)
      begin('watches', { taskQueue: 'belay', workflowType: 'watch', platform, outcome });
    for (const service of await ledger.services(platform)) {
      begin('kills', { taskQueue, activityType: 'retire', platform, service });
      begin('cuts', { taskQueue, activityType: 'drain', platform, service });
    }
  }
}
