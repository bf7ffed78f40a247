import type { Plan, Step } from '../src/model/plan';
import { changeAfter } from '../src/model/reached';
import type { ReleaseStatus, StepState, Waiting } from '../src/model/status';
import { describe, type Fact, factsOf, isSkippable, leaving, switchesOf } from '../src/model/steps';
import { nounOf, ownState } from '../src/model/workflow-words';
import { withCommands } from './commands';

const marks: Record<StepState, string> = {
  waiting: '·',
  running: '▶',
  done: '✓',
  failed: '✗',
  skipped: '↷',
  cancelled: '–',
  unreachable: '?',
};

/** Most lines of each part. The Web UI passes the page in a frame's address, and proxies cut long addresses off. */
const most = { steps: 30, instances: 20, heard: 10, services: 15, warnings: 10 };

/**
 * Returns the live page of a release for the Temporal Web UI, as GitHub-flavoured Markdown. Pure. The UI uses half the
 * width and draws tables without lines and gutters. So columns are few, and each cell brings its own gutter.
 */
export function markdown(status: ReleaseStatus): string {
  return [title(status), waiting(status), changes(status), instances(status), steps(status), heard(status)]
    .filter(Boolean)
    .join('\n\n');
}

function title(status: ReleaseStatus): string {
  const { platform, kind, by, reason, plan } = status;
  const why = cause(status);
  const first = `## ${nounOf(kind)} of ${platform}: ${state(status)}\nstarted by ${cell(by)}${reason ? `: ${cell(reason)}` : ''}`;
  // Notices describe the host before the release. After its end they may no longer hold.
  const then = status.phase === 'closed' && status.outcome !== 'planned' ? 'when it was planned: ' : '';
  const notices = (plan?.notices ?? []).map((text) => `> **${then}${cell(text)}**`);
  return [first, ...(why ? [`> ${why}`] : []), ...notices].join('\n\n');
}

/** Returns why the release rolled back, is held or failed: the failure, else the person's message. */
function cause({ cause: failure, heard: list, phase, outcome }: ReleaseStatus): string {
  if (failure) {
    const { step, message, hint } = failure;
    return `${step ? `${step}: ` : ''}${cell(message)}${hint ? ` — ${cell(hint)}` : ''}`;
  }
  if (phase !== 'rolling-back' && outcome !== 'rolled-back' && outcome !== 'cancelled') return '';
  const said = [...list].reverse().find(({ message }) => message === 'rollback' || message === 'cancel');
  // It comes from Temporal's Web UI, command or API, and no workflow learns its author.
  if (said?.message === 'cancel') return 'cancelled through Temporal, which does not say by whom';
  return said ? `${said.message}, said by ${cell(said.by)}${said.reason && `: ${cell(said.reason)}`}` : '';
}

function state({ kind, phase, paused, outcome, waiting: list }: ReleaseStatus): string {
  if (outcome) return ownState(kind, outcome) ?? outcome;
  if (paused) return 'paused';
  if (phase === 'releasing' && list.some((one) => one.kind === 'approval')) return 'waits for approval';
  return ownState(kind, phase) ?? phase;
}

/** Returns each wait with the message that ends it, for the Web UI and the command line. */
function waiting({ waiting: list, paused, plan, steps: states }: ReleaseStatus): string {
  const ends: Record<Exclude<Waiting['kind'], 'held'>, string> = {
    approval: 'Anyone may answer: `approve` or `reject` with `{ "by": "YOUR NAME" }`',
    paused: '`resume`',
    unreachable: '',
    queued: '',
  };
  const lines = list.map((wait) => {
    const { kind: what, text, since, step, command, otherwise } = wait;
    if (what === 'unreachable' || what === 'queued')
      return `**${cell(text)}** (since ${clock(since)} UTC)\n\`${command}\`${otherwise ? `, or \`${otherwise} {workflowId}\`` : ''}`;
    const isNeeded = step !== undefined && states[step]?.failure?.gone !== undefined;
    const failed = plan?.steps.find(({ id }) => id === step && !isNeeded);
    const end = what === 'held' ? endsOfHeld(wait, failed) : ends[what];
    return `**${cell(text)}** (since ${clock(since)} UTC)\n${end} ${where}, or \`${command} {workflowId}\``;
  });
  if (paused)
    lines.push(`**paused**: nothing new is started\n${ends.paused} ${where}, or \`belay resume {workflowId}\``);
  return lines.join('\n\n');
}

/** Each way is a command: `belay rollback`. A release can go on without a test, but not without an instance. */
function endsOfHeld({ command, otherwise }: Waiting, step?: Step): string {
  const skip = step && isSkippable(step) ? ['belay skip'] : [];
  const commands = [command, ...skip, ...(otherwise ? [otherwise] : [])];
  const ways = [...new Set(commands.map((one) => `\`${one.split(' ')[1]}\``))];
  return [ways.slice(0, -1).join(', '), ...ways.slice(-1)].filter(Boolean).join(' or ');
}

const where = 'under *More Actions › Send an Update*';

/** Returns the version changes and warnings of the plan. */
function changes({ plan, outcome }: ReleaseStatus): string {
  if (!plan) return '';
  const changed = plan.services.filter((one) => !one.unchanged || plan.services.length === 1);
  return [
    ...list((plan.removals ?? []).length > 0 ? [] : changed.map((one) => changeAfter(one, outcome)), most.services),
    ...list(
      plan.warnings.map((text) => `⚠ ${text}`),
      most.warnings,
    ),
  ].join('\n');
}

function list(texts: string[], limit: number): string[] {
  const more = texts.length > limit ? [`- … ${texts.length - limit} more`] : [];
  return [...texts.slice(0, limit).map((text) => `- ${cell(text)}`), ...more];
}

function instances({ plan, steps: states, phase, outcome }: ReleaseStatus): string {
  if (!plan) return '';
  const isOver = phase === 'rolling-back' || (phase === 'closed' && outcome !== 'planned');
  const names = new Map(before(plan, isOver));
  const switches = switchesOf(plan);
  for (const step of [...plan.steps, ...plan.undo]) {
    const state = states[step.id];
    for (const [name, fact] of state ? factsOf(step, { plan, switches, state }) : []) {
      // A switch does not move an instance that is gone by then.
      if (step.kind !== 'switch' || !names.get(name)?.startsWith('gone')) names.set(name, fact);
    }
  }
  if (names.size === 0) return '';
  const left = Math.max(0, names.size - most.instances);
  const rows = [...names].slice(left).map(([name, fact]) => row(name, cell(fact)));
  const more = left > 0 ? [row(`… ${left} more`, '')] : [];
  return [row('instance', 'now'), '| :--- | :--- |', ...more, ...rows].join('\n');
}

/**
 * Returns the instances to be replaced; facts of later steps overwrite these. An instance untouched at the end stays.
 */
function before({ steps: all }: Plan, isOver: boolean): Fact[] {
  const runs = (to: string) => (isOver ? 'runs, and stays' : `runs, ${to}`);
  return all.flatMap((step) => {
    const next = step.kind === 'retire' ? 'to be retired' : 'to be kept warm';
    return leaving(step).map(({ name }): Fact => [name, runs(next)]);
  });
}

function steps({ plan, steps: states, phase }: ReleaseStatus): string {
  if (!plan) return '';
  const back = plan.undo
    .map((step, index) => ({ step, number: `u${index + 1}` }))
    .filter(({ step }) => states[step.id]);
  const there = plan.steps.map((step, index) => ({ step, number: `${index + 1}` }));
  const turned = phase === 'rolling-back' || back.length > 0;
  return [...(turned ? [table('rollback', back, states)] : []), table('plan', there, states)].join('\n\n');
}

interface Numbered {
  step: Step;
  number: string;
}

function table(name: string, list: Numbered[], states: ReleaseStatus['steps']): string {
  const services = new Set(list.map(({ step }) => step.service)).size > 1;
  const line = ({ step, number }: Numbered) => {
    const { state = 'waiting', note, failure, startedAt, endedAt } = states[step.id] ?? {};
    const text = cell(failure ? failure.message : (note ?? ''));
    return row(
      `${number}\u00a0${marks[state]}`,
      ...(services ? [step.service] : []),
      cell(describe(step)),
      seconds(startedAt, endedAt),
      text,
    );
  };
  const near = nearest(list, states);
  const rows = list.flatMap((one, index) => {
    if (near.has(index)) return [line(one)];
    return index === 0 || near.has(index - 1) ? [row('…', ...(services ? [''] : []), '', '', '')] : [];
  });
  const columns = services ? ['#', 'service', name, 's', ''] : ['#', name, 's', ''];
  return [
    row(...columns),
    `|${columns.map((column) => (column === 's' ? ' ---: |' : ' :--- |')).join('')}`,
    ...rows,
  ].join('\n');
}

/** Returns the indexes to show of a long list: around busy steps, else around the latest start. */
function nearest(list: Numbered[], states: ReleaseStatus['steps']): Set<number> {
  const indexes = list.map((_, index) => index);
  if (list.length <= most.steps) return new Set(indexes);
  const begun = indexes.filter((index) => states[list[index]!.step.id]);
  const busy = begun.filter((index) =>
    ['running', 'failed', 'unreachable'].includes(states[list[index]!.step.id]!.state),
  );
  const from = new Set(busy.length > 0 ? busy : begun.slice(-1));
  const after = distances(indexes, from);
  const ahead = distances(indexes.toReversed(), from).reverse();
  const distance = indexes.map((index) => Math.min(after[index]!, ahead[index]!, list.length + index));
  return new Set(indexes.sort((a, b) => distance[a]! - distance[b]!).slice(0, most.steps));
}

/** Returns the distance from each index back to the nearest of `from`. */
function distances(indexes: number[], from: Set<number>): number[] {
  let distance = Infinity;
  return indexes.map((index) => {
    distance = from.has(index) ? 0 : distance + 1;
    return distance;
  });
}

function heard({ heard: list }: ReleaseStatus): string {
  if (list.length === 0) return '';
  const lines = list.map(
    (one) => `- ${clock(one.at)} ${cell(one.by)}: ${cell(one.message)}${one.reason ? ` (${cell(one.reason)})` : ''}`,
  );
  return `### Said (times in UTC)\n${lines.slice(-most.heard).join('\n')}`;
}

const clock = (iso: string): string => iso.slice(11, 19);
/** Texts of people and programs must not break the table or become HTML. */
const cell = (text: string): string =>
  withCommands(text.slice(0, 300))
    .replaceAll(/[\\<|]/g, '\\$&')
    .replaceAll('\n', ' ');
const row = (...cells: string[]): string =>
  `| ${cells.map((text) => (text === '' ? '' : `${text}${gutter}`)).join(' | ')} |`;
const gutter = '\u00a0\u00a0';

function seconds(from?: string, to?: string): string {
  return from && to ? ((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1) : '';
}
