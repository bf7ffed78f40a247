import type { FindingKind } from '../../config/finding';
import type { ShownFinding } from '../../config/shown';
import type { Outcome } from '../../migration/outcome';
import type { Colors } from '../terminal';
import { table } from './table';

/** Prints the migration of a file for people: a table of its keys, a diff, and what there is to do. Pure. */
export function renderMigration(outcome: Outcome, colors: Colors): string {
  const { findings, diff } = outcome;
  const blocks = [title(outcome, colors), ...rows(findings), ...hints(findings, colors)].join('\n');
  return [blocks, ...(diff.length > 0 ? [diff.map((line) => coloured(line, colors)).join('\n')] : [])].join('\n\n');
}

function title({ file, from, was, changes, refused, written, kept, base }: Outcome, colors: Colors): string {
  const compared = `from ${from}, compared with ${was ?? 'no older example'}`;
  const state = refused ? 'needs a decision' : written ? 'written' : changes ? 'to be written' : 'nothing to do';
  const files = [
    ...(kept ? [`  the former file is ${kept}`] : []),
    ...(base ? [`  ${from} is kept as ${base}, for the next migration`] : []),
  ];
  return [`${colors.bold(file)}  ${state}; ${compared}`, ...files].join('\n');
}

function rows(findings: ShownFinding[]): string[] {
  if (findings.length === 0) return [];
  const sorted = [...findings].sort((a, b) => weight(a) - weight(b));
  const lines = sorted.map((one) => [`  ${one.key}`, words[one.kind](one), values(one), actions[one.action]]);
  return table({ head: ['  key', 'what', 'from → to', 'action'], rows: lines });
}

const weight = ({ action }: ShownFinding): number => (action === 'decide' ? 0 : action === 'none' ? 2 : 1);

function values({ from, to }: ShownFinding): string {
  if (from === undefined) return to === undefined ? '' : short(to);
  return to === undefined || to === from ? short(from) : `${short(from)} → ${short(to)}`;
}

/** On one line. */
const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
};

const actions: Record<ShownFinding['action'], string> = {
  add: 'add',
  change: 'change',
  rename: 'rename',
  remove: 'remove',
  none: '–',
  decide: 'decide',
};

const words: Record<FindingKind, (one: ShownFinding) => string> = {
  added: () => 'new, with a default',
  required: () => 'new, needs a value',
  'no-default': () => 'new, without a default',
  removed: () => 'no longer in the example',
  renamed: ({ other }) => `was ${other}`,
  'maybe-renamed': ({ other }) => `${other}, renamed?`,
  'default-changed': () => 'new default, the old one is here',
  'own-value': () => 'new default, the value stays',
  'type-changed': () => 'has another type',
  insecure: () => "still the example's value",
  unread: () => 'in no example',
  'not-passed': ({ services }) => `no longer reaches ${services?.join(', ')}`,
  unpinned: ({ other, services }) => `${other} no longer pins ${services?.join(', ')}`,
  set: () => 'set by a rule',
  secret: () => 'from a secret',
  dropped: () => 'dropped by a rule',
  'in-the-way': ({ other }) => `${other} is in its place`,
};

/** One line for each way out, with all keys that it is for. */
function hints(findings: ShownFinding[], colors: Colors): string[] {
  const byHint = new Map<string, ShownFinding[]>();
  for (const one of findings) if (one.hint) byHint.set(one.hint, [...(byHint.get(one.hint) ?? []), one]);
  return [...byHint].map(([hint, all]) => {
    const sign = all.some(({ action }) => action === 'decide') ? colors.red('✗') : colors.yellow('!');
    return `${sign} ${[...new Set(all.map(({ key }) => key))].join(', ')}: ${hint}`;
  });
}

function coloured(line: string, colors: Colors): string {
  if (line.startsWith('+')) return colors.green(line);
  return line.startsWith('-') ? colors.red(line) : line;
}
