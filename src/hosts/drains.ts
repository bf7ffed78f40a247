import { z } from 'zod';
import { removeFile } from './file';
import { hostPaths, type ServiceKey } from './home';
import { readJson, writeJson } from './json-file';

const Drain = z.object({
  format: z.literal(1),
  platform: z.string(),
  service: z.string(),
  epoch: z.number().int(),
  /** Milliseconds since 1970, by the host's clock. */
  startedAt: z.number(),
});

export interface BeginDrain extends ServiceKey {
  home: string;
  instance: string;
  epoch: number;
}

/**
 * When the instance's drain began, in milliseconds since 1970 by the host's clock: now, unless it had begun under this
 * epoch, so that a retried step or another worker goes on counting. To be called inside the effect `drain.begin`.
 */
export async function beginDrain({ home, platform, service, instance, epoch }: BeginDrain): Promise<number> {
  const begun = await readDrain(home, instance);
  if (begun?.platform === platform && begun.service === service && begun.epoch === epoch) return begun.startedAt;
  const drain = { format: 1, platform, service, epoch, startedAt: Date.now() };
  await writeJson(hostPaths(home).drain(instance), drain);
  return drain.startedAt;
}

/** As `beginDrain` returned it; undefined when no drain of the instance is under way. */
export async function drainStartedAt({
  home,
  instance,
}: {
  home: string;
  instance: string;
}): Promise<number | undefined> {
  return (await readDrain(home, instance))?.startedAt;
}

/** No drain of the instance is under way. */
export async function endDrain({ home, instance }: { home: string; instance: string }): Promise<void> {
  await removeFile(hostPaths(home).drain(instance));
}

const readDrain = (home: string, instance: string) => readJson(hostPaths(home).drain(instance), Drain);
