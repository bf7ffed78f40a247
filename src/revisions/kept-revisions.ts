import type { Deps } from '../host';
import type { ServiceKey } from '../hosts/home';
import type { Revision } from '../hosts/revision';
import { headOfPast } from '../model/head';
import { instancesBegin } from '../model/instance-name';
import { runtimeCapabilities, usualRuntime } from '../spec/runtimes';
import { runtimesIn } from './runtimes-in';

export interface Shelf {
  /** Numbers of the kept revisions. */
  kept: Set<number>;
  /** Revisions in ascending order whose images and logs may be removed. */
  past: Revision[];
}

/**
 * The revisions that a host keeps of a service: the head, its rollback target, and the latest `keep` recorded ones.
 * Revisions of an unfinished release, or with an instance, are kept too, and the first one where nothing else has its
 * files.
 */
export async function shelfOf(deps: Deps, key: ServiceKey, keep: number): Promise<Shelf> {
  const ledger = deps.ledger.of(key);
  const head = await ledger.head();
  const revisions = await ledger.revisions();
  const first = revisions.find((one) => one.number === 0);
  const recorded = revisions.filter((one) => one.state === 'recorded').map((one) => one.number);
  const begun = revisions.filter((one) => one.state === 'pending').map((one) => one.number);
  const runtimes = runtimesIn(
    deps,
    revisions.map(({ desired }) => desired),
  );
  const instances = (
    await Promise.all(runtimes.map((one) => one.observe({ ...key, project: first?.desired.project })))
  ).flat();
  const former = headOfPast({ head, revisions })?.previous;
  const original = first && runtimeCapabilities(first.desired.runtime ?? usualRuntime).keepsFirst ? 0 : undefined;
  const all = [head, former, original, ...recorded.slice(-keep), ...begun, ...instances.map((one) => one.revision)];
  const kept = new Set(all.filter((one) => one !== undefined));
  return { kept, past: revisions.filter(({ number }) => !kept.has(number)) };
}

/** The number of revisions to keep, by the head, else by the latest revision. */
export async function keepOf({ ledger }: Pick<Deps, 'ledger'>, key: ServiceKey): Promise<number> {
  const own = ledger.of(key);
  const [head, revisions] = [await own.head(), await own.revisions()];
  return (headOfPast({ head, revisions }) ?? revisions.at(-1))?.desired.keep ?? 0;
}

/** Names of the logs of a revision's instances, even if its configuration is gone. */
export function logsOf(written: string[], key: ServiceKey, { number, snapshots }: Revision): string[] {
  const own = Object.keys(snapshots ?? {}).map((name) => `${name}.log`);
  const beginning = `${instancesBegin(key)}${number}-`;
  return written.filter((name) => name.startsWith(beginning) || own.includes(name));
}

/** As `logsOf`, for all revisions, even those that the ledger has lost. */
export function allLogsOf(written: string[], key: ServiceKey, revisions: Revision[]): string[] {
  const beginning = instancesBegin(key);
  const known = new Set(revisions.flatMap((one) => logsOf(written, key, one)));
  const isOwn = (name: string) =>
    name.startsWith(beginning) && /^\d+-(\d+|job-[a-z0-9.-]+)\.log$/.test(name.slice(beginning.length));
  return written.filter((name) => known.has(name) || isOwn(name));
}
