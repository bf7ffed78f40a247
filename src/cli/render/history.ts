import type { Revision } from '../../hosts/revision';
import { artifactDigest, artifactName } from '../../model/artifact';
import { localTime } from '../../model/quantities';
import { isRemoval } from '../../model/task';
import { namesHint } from '../../spec/sentences';
import { hintLine } from '../format-error';
import type { Colors } from '../terminal';
import { shortDigest } from './plan';
import { table } from './table';

/** The ledger's revisions of one service. */
export interface History {
  service: string;
  head?: number;
  /** Revisions in ascending order. */
  revisions: Revision[];
}

/** Location of the ledger. */
interface Ledgers {
  /** BELAY_HOME. */
  home: string;
  /** Platforms in the ledger. */
  platforms: string[];
}

/** Prints the latest revision first, with a mark at the head. Pure. */
export function renderHistory(platform: string, list: History[], colors: Colors, from: Ledgers): string {
  const known = list.filter((one) => one.revisions.length > 0);
  if (known.length === 0) return nothing(platform, from);
  return known.map((one) => serviceBlock(one, colors)).join('\n\n');
}

function nothing(platform: string, from: Ledgers): string {
  const { text, hint } = absence(platform, from);
  return `${text}\n${hintLine(hint)}`;
}

/** Returns the message for a platform that this host does not know: its name may be a typo. Pure. */
export function absence(platform: string, { home, platforms: others }: Ledgers): { text: string; hint: string } {
  const hint = others.length > 0 ? namesHint(platform, others, `it knows ${others.join(', ')}`) : 'belay plan';
  return { text: `the ledger in ${home} knows nothing of ${platform}`, hint };
}

function serviceBlock({ service, head, revisions }: History, colors: Colors): string {
  const rows = [...revisions].reverse().map((revision) => row(revision, { head, revisions }));
  const columns = ['', 'revision', 'state', 'same as', 'instances', 'image', 'when', 'by', 'why', 'release'];
  const [top = '', ...lines] = table({ head: columns, rows, right: [1, 3, 4] });
  return [colors.bold(service), colors.dim(top), ...lines].join('\n');
}

/** The first recorded revision that runs the same: image, configuration and number of instances. */
function sameAs(revision: Revision, revisions: Revision[]): number | undefined {
  if (isRemoval(revision)) return undefined;
  const { formula, instances } = revision.desired;
  const isSame = ({ desired }: Revision) =>
    whatRuns(desired) === whatRuns(revision.desired) && desired.formula === formula && desired.instances === instances;
  // An abandoned one was never in service.
  const isFormer = (one: Revision) => one.number < revision.number && one.state === 'recorded' && !isRemoval(one);
  return revisions.find((one) => isFormer(one) && isSame(one))?.number;
}

/** A restart has a fingerprint of its own, and so has a service that restarts with another one. */
const whatRuns = ({ again, own, fingerprint }: Revision['desired']): string => again?.of ?? own ?? fingerprint;

function row(revision: Revision, { head, revisions }: Pick<History, 'head' | 'revisions'>): string[] {
  const { number, state, desired, createdAt, by, reason, release } = revision;
  const isHead = number === head;
  const [name, digest] = [artifactName(desired.artifact), artifactDigest(desired.artifact)];
  const image = digest ? `${name} (${shortDigest(digest)})` : name;
  return [
    isHead ? '→' : '',
    String(number),
    isHead ? 'head' : state,
    String(sameAs(revision, revisions) ?? ''),
    String(desired.instances),
    image,
    localTime(createdAt),
    by,
    reason,
    release,
  ];
}

/** Returns the same for programs. Pure. */
export function historyRecord(platform: string, list: History[]) {
  const services = list.map(({ service, head, revisions }) => ({
    service,
    head,
    revisions: revisions.map((revision) => {
      const { number, state, previous, desired, by, reason, release, createdAt, endedAt, results } = revision;
      const { artifact, instances } = desired;
      const said = { by, reason, release, createdAt, endedAt, results };
      return {
        number,
        state,
        head: number === head,
        same: sameAs(revision, revisions),
        previous,
        artifact,
        instances,
        ...said,
      };
    }),
  }));
  return { platform, services };
}
