import logUpdate from 'log-update';
import type { ReleaseStatus } from '../../model/status';
import { type Wait, waitsOf } from '../events';
import { stepLine } from '../render/step';
import { renderWait } from '../render/waiting';
import { rowsOf } from '../steps';
import type { Colors, Terminal } from '../terminal';
import type { View } from '../view';
import { backText, eventText, isToldElsewhere } from './plain';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameTime = 100;

/**
 * Draws on a terminal: ended steps stay, running ones move below, with time and note. Waits are the last thing on the
 * screen.
 */
export function liveView(terminal: Terminal, workflowId: string): View {
  const { colors } = terminal;
  let status: ReleaseStatus | undefined;
  let lost: Wait | undefined;
  let turn = 0;
  const timer = setInterval(draw, frameTime);

  return {
    event(event) {
      if (event.type === 'waiting' || event.type === 'held' || isToldElsewhere(event)) return;
      if (event.type === 'step' && !isOver(event.step.state)) return;
      logUpdate.clear();
      terminal.out(eventText(event, { workflowId, colors, now: Date.now() }));
    },
    frame(next) {
      status = next;
      lost = undefined;
      draw();
    },
    away(wait) {
      lost = wait;
      draw();
    },
    back({ kind }) {
      logUpdate.clear();
      terminal.out(backText(kind, colors));
    },
    end({ keep }) {
      clearInterval(timer);
      if (keep) draw();
      else logUpdate.clear();
      logUpdate.done();
    },
  };

  function draw(): void {
    turn += 1;
    logUpdate(liveBlock({ status, lost, workflowId, colors, now: Date.now(), spinner: frames[turn % frames.length]! }));
  }
}

const isOver = (state: string): boolean => !['waiting', 'running', 'unreachable'].includes(state);

export interface Block {
  status?: ReleaseStatus;
  /** Set while no worker answers. */
  lost?: Wait;
  workflowId: string;
  colors: Colors;
  /** Milliseconds. */
  now: number;
  spinner: string;
}

/** Draws the running steps, and the waits. Pure. */
export function liveBlock({ status, lost, workflowId, colors, now, spinner }: Block): string {
  const rows = status ? rowsOf(status).filter((row) => row.state === 'running' || row.state === 'unreachable') : [];
  const steps = rows.map((row) => stepLine(row, { colors, now, mark: row.state === 'running' ? spinner : undefined }));
  const waits = [...waitsOf(status), ...(lost ? [lost] : [])].map((one) => renderWait(one, { workflowId, colors }));
  const planning = !status?.plan && !status?.outcome && !lost ? [`${colors.cyan(spinner)} making the plan`] : [];
  return [...planning, ...steps, ...waits].join('\n');
}
