import { patched, setDefaultSignalHandler, setDefaultUpdateHandler, setHandler } from '@temporalio/workflow';
import { description, isMessage, messages, unknownName, wrongData } from '../src/model/messages';
import type { Said } from '../src/model/status';
import type { Board } from './board';
import type { Control } from './control';
import { plainFailure } from './ending';
import { called, changes, progress, queued, signals, status, updates } from './messages';

/** Most characters of a step's note. */
const longestNote = 500;

/** Registers all handlers. Call it before any wait: the Web UI then shows its menus from the first moment. */
export function listen(board: Board, control: Control): void {
  setHandler(status, () => board.carried(), {
    description: 'The plan, the state of each step, and the open waits.',
  });
  setHandler(changes, (known) => board.since(typeof known?.since === 'number' ? known.since : 0), {
    description: "Sent by Belay's own command line: the changes since a version.",
  });
  // This one handler keeps earlier signals in their order. Handlers by name would be served one name after another.
  setDefaultSignalHandler((name, ...given) => signalled(name, given));
  for (const message of messages) {
    setHandler(signals[message], (...given) => signalled(message, given), { description: description(message) });
    setHandler(updates[message], (said) => control.hear(message, said), {
      description: description(message),
      validator: (...given) => refuse(wrongData(message, given) ?? control.objection(message, given[0])),
    });
  }
  setHandler(progress, (...given) => noted(given), {
    description: "Sent by Belay's own activities: the note of a running step.",
  });
  const own = "Sent by Belay's own workflows: ";
  setHandler(queued, (...given) => lined(given), { description: `${own}one waits for the end of this one.` });
  setHandler(called, (...given) => letIn(given), { description: `${own}the one that this waits for has ended.` });
  // Without a default handler, the sender of an unknown update would wait until the release ends.
  setDefaultUpdateHandler((name) => refuse(unknownName('update', name)));

  /** Temporal cannot refuse a signal, so a wrong one is recorded with its objection. */
  function signalled(name: string, given: unknown[]): void {
    if (name === progress.name) noted(given);
    else if (name === queued.name) lined(given);
    else if (name === called.name) letIn(given);
    else if (!isMessage(name)) control.ignore('signal', unknownName('signal', name), given[0]);
    else {
      const wrong = wrongData(name, given);
      // Open releases that accepted such data before the check replay as they ran.
      if (wrong && patched('checked-data')) control.ignore(name, wrong, given[0]);
      else control.hear(name, given[0] as Said | undefined);
    }
  }

  function lined([said]: unknown[]): void {
    control.lineUp(textsIn([(said as { workflow?: unknown } | undefined)?.workflow]));
  }

  function letIn([said]: unknown[]): void {
    control.lineUp(textsIn((said as { behind?: unknown } | undefined)?.behind));
    control.called = true;
    board.touch();
  }

  function noted([said]: unknown[]): void {
    const { step, note } = (said ?? {}) as Record<string, unknown>;
    if (typeof step === 'string' && typeof note === 'string') board.note(step, note.slice(0, longestNote));
    else control.ignore('progress', "only Belay's own activities send it", said);
  }
}

function refuse(objection: string | undefined): void {
  if (objection) throw plainFailure({ type: 'refused', message: objection });
}

const textsIn = (given: unknown): string[] =>
  Array.isArray(given) ? given.filter((one): one is string => typeof one === 'string') : [];
