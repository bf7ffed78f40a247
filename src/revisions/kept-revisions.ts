import type { Deps } from '../host';
import type { ServiceKey } from '../hosts/home';
import type { Revision } from '../hosts/revision';
import { headOfPast } from '../model/head';
import { instancesBegin } from '../model/instance-name';

export interface Shelf {
  /** Numbers. */
  kept: Set<number>;
  /** In ascending order; nothing keeps their image and logs. */
  past: Revision[];
}

/**
 * What a host keeps of a service's revisions: the head, the one a rollback goes to, and the latest `keep` that were
 * recorded. It also keeps what a release has begun and not ended, and whatever still has an instance.
 */
export async function shelfOf(deps: Deps, key: ServiceKey, keep: number): Promise<Shelf> {
  const ledger = deps.ledger.of(key);
  const head = await ledger.head();
  const revisions = await ledger.revisions();
  const project = revisions.find((one) => one.number === 0)?.desired.project;
  const recorded = revisions.filter((one) => one.state === 'recorded').map((one) => one.number);
  const begun = revisions.filter((one) => one.state === 'pending').map((one) => one.number);
  const instances = await deps.runtime.observe({ ...key, project });
  const former = headOfPast({ head, revisions })?.previous;
  const all = [head, former, ...recorded.slice(-keep), ...begun, ...instances.map((one) => one.revision)];
  const kept = new Set(all.filter((one) => one !== undefined));
  return { kept, past: revisions.filter(({ number }) => !kept.has(number)) };
}

/** How many revisions to keep: as the head asks for, else as the latest did. */
export async function keepOf({ ledger }: Pick<Deps, 'ledger'>, key: ServiceKey): Promise<number> {
  const own = ledger.of(key);
  const [head, revisions] = [await own.head(), await own.revisions()];
  return (headOfPast({ head, revisions }) ?? revisions.at(-1))?.desired.keep ?? 0;
}

/** Names of the logs of a revision's instances, of one without a configuration too. */
export function logsOf(written: string[], key: ServiceKey, { number, snapshots }: Revision): string[] {
  const own = Object.keys(snapshots ?? {}).map((name) => `${name}.log`);
  const beginning = `${instancesBegin(key)}${number}-`;
  return written.filter((name) => name.startsWith(beginning) || own.includes(name));
}

/** The same of every revision, also of one that the ledger has lost. */
export function allLogsOf(written: string[], key: ServiceKey, revisions: Revision[]): string[] {
  const beginning = instancesBegin(key);
  const known = new Set(revisions.flatMap((one) => logsOf(written, key, one)));
  const isOwn = (name: string) => name.startsWith(beginning) && /^\d+-\d+\.log$/.test(name.slice(beginning.length));
  return written.filter((name) => known.has(name) || isOwn(name));
}
