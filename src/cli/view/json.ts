import type { Event } from '../events';
import { addressed } from '../events';
import { jsonLine } from '../json-lines';
import { planRecord } from '../records';
import type { Terminal } from '../terminal';
import type { View } from '../view';

/** Prints one JSON object per line, for programs. */
export function jsonView(terminal: Terminal, workflowId: string): View {
  return {
    event: (event) => terminal.out(eventLine(event, workflowId)),
    away: (wait) => terminal.out(eventLine({ type: 'waiting', waiting: wait }, workflowId)),
    // An event of its own reports another phase.
    back({ phase, kind }, before) {
      if (phase === before?.phase) terminal.out(eventLine({ type: 'phase', phase, kind }, workflowId));
    },
    end: () => undefined,
  };
}

/** Returns an event as a line of JSON. Pure. */
export function eventLine(event: Event, workflowId: string): string {
  switch (event.type) {
    case 'plan':
      return jsonLine('plan', planRecord(event.plan));
    case 'step': {
      const { needs, ...step } = event.step;
      return jsonLine('step', step);
    }
    case 'waiting':
    case 'held':
      return jsonLine(event.type, addressed(event.waiting, workflowId));
    case 'outcome': {
      const { plan, ...result } = event.result;
      return jsonLine('outcome', {
        workflowId,
        kind: event.kind,
        ...result,
        ...(event.startUrl && { startUrl: event.startUrl }),
        exitCode: event.exitCode,
      });
    }
    default: {
      const { type, ...rest } = event;
      return jsonLine(type, rest);
    }
  }
}
