import { describe } from '../src/plan/describe';
import type { Step } from '../src/spec/plan';
import type { ReleaseStatus, StepState, StepStatus } from '../src/spec/status';

const marks: Record<StepState, string> = {
  waiting: '·',
  running: '▶',
  done: '✓',
  failed: '✗',
  skipped: '↷',
  cancelled: '–',
  unreachable: '?',
};

/** The live page of a release in the Temporal Web UI. Pure; GitHub-flavoured Markdown. */
export function markdown(status: ReleaseStatus): string {
  return [title(status), waiting(status), instances(status), steps(status), heard(status)].filter(Boolean).join('\n\n');
}

function title({ platform, kind, phase, paused, outcome, by, reason, cause }: ReleaseStatus): string {
  const state = outcome ?? (paused ? 'paused' : phase);
  const why = cause ? `\n\n> ${cause.step ? `${cause.step}: ` : ''}${cell(cause.message)}${cause.hint ? ` — ${cell(cause.hint)}` : ''}` : '';
  return `## ${kind} of ${platform}: ${state}\nstarted by ${cell(by)}${reason ? `: ${cell(reason)}` : ''}${why}`;
}

function waiting({ waiting: list, paused }: ReleaseStatus): string {
  const lines = list.map((one) => `- **${cell(one.text)}** (since ${clock(one.since)}): \`${one.command} {workflowId}\``);
  if (paused) lines.push('- **paused**: `belay resume {workflowId}`');
  return lines.length > 0 ? `### Waiting\n${lines.join('\n')}` : '';
}

function instances({ plan, steps: states }: ReleaseStatus): string {
  if (!plan) return '';
  const names = new Map<string, string>();
  for (const step of [...plan.steps, ...plan.undo]) {
    const state = states[step.id];
    for (const [name, fact] of state ? facts(step, state) : []) names.set(name, fact);
  }
  if (names.size === 0) return '';
  const rows = [...names].map(([name, fact]) => `| ${name} | ${cell(fact)} |`);
  return ['| instance | |', '| --- | --- |', ...rows].join('\n');
}

/** What a step says of the instances it is about. */
function facts(step: Step, { state, note }: StepStatus): Array<[string, string]> {
  const said = (live: string, done: string): string => (state === 'running' ? live : state === 'done' ? done : state);
  const noted = (text: string): string => (note ? `${text}: ${note}` : text);
  switch (step.kind) {
    case 'launch':
      return [[step.instance.name, said('starting', 'running, out of traffic')]];
    case 'probe':
      return [[step.instance.name, said(noted('probed'), 'ready, out of traffic')]];
    case 'swap':
      return [
        ...(step.enter ? [[step.enter.name, said('entering traffic', 'in traffic')] as [string, string]] : []),
        ...(step.leave ? [[step.leave.name, said('leaving traffic', 'takes no new requests')] as [string, string]] : []),
      ];
    case 'drain':
      return [[step.instance.name, said(noted('draining'), noted('drained'))]];
    case 'retire':
      return [[step.instance.name, said('stopping', noted('gone'))]];
    default:
      return [];
  }
}

function steps({ plan, steps: states, phase }: ReleaseStatus): string {
  if (!plan) return '';
  const row = (step: Step, index: number) => {
    const { state = 'waiting', note, failure, startedAt, endedAt } = states[step.id] ?? {};
    const text = failure ? failure.message : (note ?? '');
    return `| ${index + 1} | ${marks[state]} | ${step.service} | ${cell(describe(step))} | ${seconds(startedAt, endedAt)} | ${cell(text)} |`;
  };
  const table = (list: Step[]) => ['| # | | service | step | s | |', '| --- | --- | --- | --- | --- | --- |', ...list.map(row)].join('\n');
  const back = plan.undo.filter((step) => states[step.id]);
  return [`### Plan`, table(plan.steps), ...(phase === 'rolling-back' || back.length > 0 ? ['### Way back', table(back)] : [])].join('\n\n');
}

function heard({ heard: list }: ReleaseStatus): string {
  if (list.length === 0) return '';
  return `### Said\n${list.map((one) => `- ${clock(one.at)} ${cell(one.by)}: ${cell(one.message)}${one.reason ? ` (${cell(one.reason)})` : ''}`).join('\n')}`;
}

const clock = (iso: string): string => iso.slice(11, 19);
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 300);

function seconds(from?: string, to?: string): string {
  return from && to ? ((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1) : '';
}
