import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { MetricMeter } from '@temporalio/common';
import type { Logger } from '@temporalio/worker';
import { workflowTypes } from '../model/messages';
import type { LabelledContainer } from '../runtimes/runtime';

const every = 15_000;
const patience = 10_000;

export interface Watched {
  client: Client;
  home: string;
  containers: () => Promise<LabelledContainer[]>;
  meter: MetricMeter;
  logger: Logger;
}

/**
 * Sets the gauges that no step measures, every 15 s until the signal. A gauge whose source fails keeps its last value,
 * and the log says so.
 */
export async function keepGauges(watched: Watched, signal: AbortSignal): Promise<void> {
  const gauges = [instances(watched), releases(watched), disk(watched)];
  while (!signal.aborted) {
    for (const [index, result] of (await Promise.allSettled(gauges.map((set) => inTime(set())))).entries())
      if (result.status === 'rejected') watched.logger.warn(`a gauge is not set (${index}): ${result.reason}`);
    await sleep(every, undefined, { signal }).catch(() => undefined);
  }
}

/** A source that does not answer must not delay the other gauges. */
const inTime = (set: Promise<void>): Promise<void> =>
  Promise.race([set, sleep(patience, undefined, { ref: false }).then(() => Promise.reject(new Error('no answer')))]);

function instances({ meter, containers }: Watched): () => Promise<void> {
  const gauge = meter.createGauge('belay_instances', 'int', '1', 'Instances that run on this host');
  const known = new Map<string, { platform: string; service: string }>();
  return async () => {
    const all = await containers();
    for (const { platform, service } of all) known.set(`${platform}/${service}`, { platform, service });
    // A removed service counts 0 instances from then on.
    for (const key of known.values()) gauge.set(all.filter((one) => one.running && isOf(one, key)).length, { ...key });
  };
}

const isOf = (one: LabelledContainer, { platform, service }: { platform: string; service: string }): boolean =>
  one.platform === platform && one.service === service;

/** A workflow whose first task fails has no phase yet. */
const ours = workflowTypes.map((type) => `"${type}"`).join(', ');
const phases = ['planning', 'releasing', 'waiting', 'held', 'rolling-back'];

function releases({ meter, client }: Watched): () => Promise<void> {
  const open = meter.createGauge('belay_open_releases', 'int', '1', 'Releases that have not ended, by phase');
  const failing = meter.createGauge('belay_failing_workflows', 'int', '1', 'Open workflows whose tasks fail');
  const count = async (query: string) =>
    (await client.workflow.count(`ExecutionStatus = "Running" AND ${query}`)).count;
  return async () => {
    for (const phase of phases) open.set(await count(`BelayPhase = "${phase}"`), { phase });
    failing.set(await count(`WorkflowType IN (${ours}) AND TemporalReportedProblems IS NOT NULL`));
  };
}

function disk({ meter, home }: Watched): () => Promise<void> {
  const free = meter.createGauge('belay_home_free_bytes', 'int', 'By', 'Free where BELAY_HOME is');
  const size = meter.createGauge('belay_home_size_bytes', 'int', 'By', 'Size of the file system where BELAY_HOME is');
  return async () => {
    const { bavail, blocks, bsize } = await statfs(home);
    free.set(bavail * bsize);
    size.set(blocks * bsize);
  };
}
