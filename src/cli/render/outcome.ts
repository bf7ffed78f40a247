import { sizeText, span } from '../../model/quantities';
import { reached } from '../../model/reached';
import type { Failure, Outcome, Phase, ReleaseResult, ReleaseStatus } from '../../model/status';
import { nounOf, ownState } from '../../model/workflow-words';
import { hintLine } from '../format-error';
import type { Colors } from '../terminal';

type Kind = ReleaseStatus['kind'];

/** Prints how a release ended, why, and the next action. Pure. */
export function renderOutcome({
  result,
  kind,
  colors,
  unplanned = false,
  startUrl,
}: {
  result: Pick<
    ReleaseResult,
    'outcome' | 'platform' | 'revisions' | 'found' | 'cause' | 'stayed' | 'leaves' | 'freed' | 'gap'
  >;
  kind: Kind;
  colors: Colors;
  /** True if it ended before it had a plan. */
  unplanned?: boolean;
  /** The form that starts the next release with the input of this one. */
  startUrl?: string;
}): string {
  const { outcome, platform, revisions, found = {}, cause, stayed = [], leaves = [], freed, gap } = result;
  const good = [...reached, 'removed', 'unchanged', 'planned', 'rolled-back'].includes(outcome);
  const mark = good ? colors.green('✓') : colors.red('✗');
  const asRecorded = Object.entries(revisions).filter(([service]) => !(service in found));
  const stands = asRecorded.map(([service, revision]) => `${service} revision ${revision}`);
  const where =
    stands.length > 0 && !['unchanged', 'planned', 'terminated'].includes(outcome) ? ` (${stands.join(', ')})` : '';
  const said = (unplanned && early(outcome, kind, platform)) || sentence(outcome, kind, platform, backTo(found));
  const text =
    outcome === 'failed' && isHeldByAnother(cause)
      ? `the ${nounOf(kind)} of ${platform} did not start: another one is running`
      : `${said}${but(stayed)}${where}${freed === undefined ? '' : `, ${sizeText(freed)} of images freed`}${gap === undefined ? '' : `; services were stopped for ${span(gap)}`}`;
  const again = startUrl ? [colors.dim(`again: ${startUrl}`)] : [];
  const left = leaves.map((one) => `${colors.yellow('!')} ${one}`);
  return [
    `${mark} ${text}`,
    ...causeLines(cause),
    ...left,
    ...wayToOne(found),
    ...hintsOf(outcome, kind),
    ...again,
  ].join('\n');
}

/** A rollback leads to what the release found, whether that was one revision or not. */
const backTo = (found: Record<string, string>): string => {
  const all = Object.entries(found).map(([service, text]) => `${service} ${text}`);
  return all.length === 0 ? 'back where it was' : `back to what it found: ${all.join('; ')}`;
};

const wayToOne = (found: Record<string, string>): string[] =>
  Object.keys(found).map((service) =>
    hintLine(
      `\`belay release\` leads ${service} to the version of the files, \`belay restart --service ${service}\` to the recorded one`,
    ),
  );

const but = (stayed: string[]): string =>
  stayed.length === 0
    ? ''
    : `, but for ${stayed.join(' and ')}, which ${stayed.length > 1 ? 'stay' : 'stays'} as released: nothing takes back a volume, or a job without undo`;

const isHeldByAnother = (cause?: Failure): boolean => cause?.code === 'held-by-another';

/** Returns the sentence for a release that never began; undefined if its usual sentence fits. */
function early(outcome: Outcome, kind: Kind, platform: string): string | undefined {
  if (kind !== 'release' && kind !== 'rollback') return undefined;
  const ends: Partial<Record<Outcome, string>> = {
    'rolled-back': 'was rolled back',
    failed: 'failed',
    cancelled: 'was cancelled',
    terminated: 'was ended by Temporal',
  };
  const end = ends[outcome];
  return end && `the ${nounOf(kind)} of ${platform} ${end} before it started; nothing was changed`;
}

function sentence(outcome: Outcome, kind: Kind, platform: string, back: string): string {
  if (outcome === 'terminated') return cutOffSentence(kind, platform);
  if (kind === 'drop' || kind === 'prune') return removalSentence(outcome, kind, platform);
  if (kind === 'restore' && outcome === 'removed') return `what the last restore of ${platform} had kept is removed`;
  if (kind === 'restore' && outcome === 'incomplete')
    return `the restore of ${platform} is taken back in part only: see the skipped steps`;
  if ((kind === 'backup' || kind === 'drill') && !reached.includes(outcome))
    return copySentence(outcome, kind, platform);
  const sentences: Record<Exclude<Outcome, 'terminated'>, string> = {
    released: `${platform} is released`,
    reverted: `${platform} is rolled back`,
    retired: `what ${platform} had kept warm is retired`,
    'backed-up': `${platform} is backed up`,
    passed: `the drill of ${platform} has passed`,
    restored: `the restore of ${platform} is done`,
    removed: `what was to go from ${platform} is gone`,
    unchanged: `${platform}: nothing to do, it runs what was requested`,
    planned: `the ${nounOf(kind)} of ${platform} is planned; nothing was changed`,
    'rolled-back': `${platform} is ${back}, as requested`,
    failed: `the ${nounOf(kind)} of ${platform} failed, and it is ${back}`,
    rejected: `the ${nounOf(kind)} of ${platform} was refused, and it is ${back}`,
    cancelled:
      kind === 'retire'
        ? `the retirement at ${platform} was cancelled: the warm set keeps running`
        : `the ${nounOf(kind)} of ${platform} was cancelled, and it is ${back}`,
    left: `the ${nounOf(kind)} of ${platform} failed, and everything was left as it stood`,
    superseded: `another release has taken ${platform} over; nothing was undone`,
    incomplete: `the rollback of ${platform} is incomplete: its host runs mixed revisions`,
  };
  return sentences[outcome];
}

/** Returns the sentence for a workflow that could not end by itself. */
const cutOffSentence = (kind: Kind, platform: string): string =>
  `the ${nounOf(kind)} of ${platform === '*' ? 'this host' : platform} does not run any more: the host stays as it was at that moment`;

/** Returns the sentence for a removal, which cannot be rolled back. */
function removalSentence(outcome: Outcome, kind: 'drop' | 'prune', platform: string): string {
  const what = platform === '*' ? 'this host' : platform;
  if (outcome === 'removed') return kind === 'drop' ? `${what} is dropped` : `${what} is pruned`;
  if (outcome === 'planned') return `the ${kind} of ${what} is planned; nothing was removed`;
  if (outcome === 'unchanged')
    return kind === 'drop' ? `${what}: nothing of it is on this host` : `${what}: nothing to prune`;
  if (outcome === 'failed' || outcome === 'cancelled')
    return `the ${kind} of ${what} was ${outcome === 'failed' ? 'not done' : 'cancelled'}; nothing was removed`;
  return `the ${kind} of ${what} was given up halfway; start it again to finish it`;
}

/** Returns the sentence for backups and drills, which change nothing that serves. */
function copySentence(outcome: Outcome, kind: 'backup' | 'drill', platform: string): string {
  if (outcome === 'planned') return `the ${kind} of ${platform} is planned; nothing was done`;
  if (outcome === 'unchanged') return `${platform}: nothing to ${kind === 'backup' ? 'back up' : 'drill'}`;
  if (outcome === 'cancelled') return `the ${kind} of ${platform} was cancelled`;
  if (outcome === 'superseded') return `another workflow has taken ${platform} over`;
  return `the ${kind} of ${platform} failed; whatever else it was to do is done`;
}

/** Returns the lines of the cause, with its hint. */
export function causeLines(cause: Failure | undefined): string[] {
  if (!cause) return [];
  const [first, ...more] = `${cause.step ? `${cause.step}: ` : ''}${cause.message}`.split('\n');
  return [`  ${first}`, ...more.map((line) => `  ${line}`), ...(cause.hint ? [hintLine(cause.hint)] : [])];
}

function hintsOf(outcome: Outcome, kind: Kind): string[] {
  if (kind !== 'release' && kind !== 'rollback' && kind !== 'retire') return [];
  if (outcome === 'left') return [hintLine('`belay release` goes on from there, `belay rollback` rolls back')];
  if (outcome === 'incomplete') return [hintLine('`belay plan` shows what is missing, and `belay release` repairs it')];
  return outcome === 'superseded' ? [hintLine('`belay status` shows the other one')] : [];
}

const phases: Record<Phase, string> = {
  planning: 'planning',
  releasing: 'releasing',
  held: 'held',
  'rolling-back': 'rolling back',
  closed: 'over',
};

/** Returns the phase in words. */
export const phaseText = (phase: Phase, kind: Kind): string => ownState(kind, phase) ?? phases[phase];
