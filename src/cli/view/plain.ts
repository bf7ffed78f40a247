import type { ReleaseStatus } from '../../model/status';
import type { Event } from '../events';
import { phaseText, renderOutcome } from '../render/outcome';
import { renderSummary } from '../render/plan';
import { stepLine } from '../render/step';
import { renderWait } from '../render/waiting';
import type { StepRow } from '../steps';
import type { Colors, Terminal } from '../terminal';
import type { View } from '../view';

/** Prints one line per change, for logs and without a terminal. */
export function plainView(terminal: Terminal, workflowId: string): View {
  return {
    event(event) {
      if (!isToldElsewhere(event))
        terminal.out(eventText(event, { workflowId, colors: terminal.colors, now: Date.now() }));
    },
    away: (wait) => terminal.out(renderWait(wait, { workflowId, colors: terminal.colors })),
    back: ({ kind }) => terminal.out(backText(kind, terminal.colors)),
    end: () => undefined,
  };
}

/** Pure. */
export const backText = (kind: ReleaseStatus['kind'], colors: Colors): string =>
  `${colors.green('answered again:')} the ${kind} goes on`;

/** The wait shows a hold with its commands, so the phase is not shown too. */
export const isToldElsewhere = (event: Event): boolean => event.type === 'phase' && event.phase === 'held';

/** Returns an event as text. Pure; `now` in milliseconds. */
export function eventText(event: Event, context: { workflowId: string; colors: Colors; now: number }): string {
  const { colors } = context;
  switch (event.type) {
    case 'started':
      return `${event.kind} ${colors.bold(event.workflowId)}${event.url ? `\n${colors.dim(event.url)}` : ''}`;
    case 'plan':
      return `\n${renderSummary(event.plan, context)}\n`;
    case 'step':
      return stepLine(asLine(event.step), context);
    case 'waiting':
    case 'held':
      return renderWait(event.waiting, context);
    case 'phase':
      return colors.bold(phaseText(event.phase, event.kind));
    case 'outcome':
      return renderOutcome({ ...event, colors });
  }
}

/** A step that has just begun has no note yet; a job says each time what it prints. */
const asLine = (row: StepRow): StepRow =>
  row.state === 'running' ? { ...row, startedAt: undefined, ...(row.kind !== 'job' && { note: undefined }) } : row;
