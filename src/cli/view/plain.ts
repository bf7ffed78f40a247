import type { Event } from '../events';
import { causeLines, phaseText, renderOutcome } from '../render/outcome';
import { renderPlan } from '../render/plan';
import { stepLine } from '../render/step';
import { renderWait } from '../render/waiting';
import type { Colors, Terminal } from '../terminal';
import type { View } from '../view';

/** One line for each change; for logs, and wherever standard output is no terminal. */
export function plainView(terminal: Terminal, workflowId: string): View {
  return {
    event: (event) => terminal.out(eventText(event, { workflowId, colors: terminal.colors, now: Date.now() })),
    away: ({ message, hint }) =>
      terminal.out(
        renderWait(
          { kind: 'worker', text: message, command: hint ?? 'belay doctor' },
          { workflowId, colors: terminal.colors },
        ),
      ),
    end: () => undefined,
  };
}

/** An event as text. Pure; `now` in milliseconds. */
export function eventText(event: Event, context: { workflowId: string; colors: Colors; now: number }): string {
  const { colors } = context;
  switch (event.type) {
    case 'started':
      return `${event.kind} ${colors.bold(event.workflowId)}${event.url ? `\n${colors.dim(event.url)}` : ''}`;
    case 'plan':
      return `\n${renderPlan(event.plan, { colors })}\n`;
    case 'step':
      return stepLine(event.step, context);
    case 'waiting':
    case 'held':
      return renderWait(event.waiting, context);
    case 'phase':
      return [`${colors.bold(phaseText(event.phase))}`, ...causeLines(event.cause)].join('\n');
    case 'outcome':
      return renderOutcome({ ...event, colors });
  }
}
