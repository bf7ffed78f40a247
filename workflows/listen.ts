import { patched, setDefaultSignalHandler, setDefaultUpdateHandler, setHandler } from '@temporalio/workflow';
import { description, isMessage, messages, unknownName, wrongData } from '../src/model/messages';
import type { Said } from '../src/model/status';
import type { Board } from './board';
import type { Control } from './control';
import { told } from './ending';
import { changes, progress, signals, status, updates } from './messages';

/** Longest that a step may say of itself, in characters. */
const longestNote = 500;

/** Registered before anything is awaited, so that the Web UI's menus show them from the first moment. */
export function listen(board: Board, control: Control): void {
  setHandler(status, () => board.carried(), {
    description: 'The plan, the state of each step, and what is waited for.',
  });
  setHandler(changes, (known) => board.since(typeof known?.since === 'number' ? known.since : 0), {
    description: "Sent by Belay's own command line: what has changed since a version.",
  });
  // What came in before is heard in the order in which it was said, not in the order of the handlers below.
  setDefaultSignalHandler((name, ...given) => signalled(name, given));
  for (const message of messages) {
    setHandler(signals[message], (...given) => signalled(message, given), { description: description(message) });
    setHandler(updates[message], (said) => control.hear(message, said), {
      description: description(message),
      validator: (...given) => refuse(wrongData(message, given) ?? control.objection(message, given[0])),
    });
  }
  setHandler(progress, (...given) => noted(given), { description: "Sent by Belay's own activities." });
  // Otherwise whoever sent one would wait for an answer until the release has ended.
  setDefaultUpdateHandler((name) => refuse(unknownName('update', name)));

  /** A signal cannot be refused: what is wrong with it stands among what was said. */
  function signalled(name: string, given: unknown[]): void {
    if (name === progress.name) noted(given);
    else if (!isMessage(name)) control.ignore('signal', unknownName('signal', name), given[0]);
    else {
      const wrong = wrongData(name, given);
      // A release that has heard it before data were checked goes on as it did then.
      if (wrong && patched('checked-data')) control.ignore(name, wrong, given[0]);
      else control.hear(name, given[0] as Said | undefined);
    }
  }

  function noted([said]: unknown[]): void {
    const { step, note } = (said ?? {}) as Record<string, unknown>;
    if (typeof step === 'string' && typeof note === 'string') board.note(step, note.slice(0, longestNote));
    else control.ignore('progress', "only Belay's own activities send it", said);
  }
}

function refuse(objection: string | undefined): void {
  if (objection) throw told({ type: 'refused', message: objection });
}
