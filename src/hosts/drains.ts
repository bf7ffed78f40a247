import { join } from 'node:path';
import { z } from 'zod';
import { listFolder, removeFile } from './file';
import { fileFormat } from './format';
import { hostPaths, type ServiceKey } from './home';
import { readJson, writeJson } from './json-file';

const drainFile = fileFormat(
  z.object({
    format: z.literal(1),
    platform: z.string(),
    service: z.string(),
    epoch: z.number().int(),
    /** Milliseconds since 1970, by the host's clock. */
    startedAt: z.number(),
    /** Start of the instance's run, as the engine reports it, if the drain counts for that run alone. */
    run: z.string().optional(),
  }),
);

export interface BeginDrain extends ServiceKey {
  home: string;
  instance: string;
  epoch: number;
  run?: string;
}

/**
 * Returns when the instance's drain began, in milliseconds since 1970 by the host's clock. That is now, unless it began
 * before under this epoch (and in this `run`, if given). So a retried step or another worker goes on counting. Call it
 * inside an effect.
 */
export async function beginDrain({ home, platform, service, instance, epoch, run }: BeginDrain): Promise<number> {
  const begun = await readDrain(home, instance);
  if (begun?.platform === platform && begun.service === service && begun.epoch === epoch && begun.run === run)
    return begun.startedAt;
  const drain = { format: 1, platform, service, epoch, startedAt: Date.now(), run };
  await writeJson(hostPaths(home).drain(instance), drain);
  return drain.startedAt;
}

/**
 * Returns the start as `beginDrain` did. Undefined when no drain of the instance, or of the given run, is under way.
 */
export async function drainStartedAt({
  home,
  instance,
  run,
}: {
  home: string;
  instance: string;
  run?: string;
}): Promise<number | undefined> {
  const drain = await readDrain(home, instance);
  return run === undefined || drain?.run === run ? drain?.startedAt : undefined;
}

/** Ensures that no drain of the instance is under way. */
export async function endDrain({ home, instance }: { home: string; instance: string }): Promise<void> {
  await removeFile(hostPaths(home).drain(instance));
}

/** Names of files that say when a drain or a stop of this service's instances began. */
export async function drainsOf({ home, platform, service }: { home: string } & ServiceKey): Promise<string[]> {
  const { drains } = hostPaths(home);
  const all = (await listFolder(drains)).filter((name) => name.endsWith('.json'));
  const own = await Promise.all(
    all.map(async (name) => {
      const drain = await readJson(join(drains, name), drainFile);
      return drain?.platform === platform && drain.service === service;
    }),
  );
  return all.filter((_, index) => own[index]);
}

const readDrain = (home: string, instance: string) => readJson(hostPaths(home).drain(instance), drainFile);
