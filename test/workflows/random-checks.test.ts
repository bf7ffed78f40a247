import fc from 'fast-check';
import { isMessage, type Message, wrongData } from '../../src/model/messages';
import { createBoard } from '../../workflows/board';
import { createControl } from '../../workflows/control';
import { gate, given, isDecision, words } from './words';

/** Returns the code's own answer at an open gate, with no other step open. */
function atOpenGate() {
  const board = createBoard({ kind: 'release', platform: 'shop', by: 'eve', reason: '' }, () => undefined);
  board.plan(given);
  board.phase('releasing');
  board.wait({ kind: 'approval', step: gate, text: 'go on?', command: 'belay approve' });
  return { board, control: createControl(board) };
}

test('whatever is said at an open gate: only a valid approve opens the gate, and only a valid decision turns', () => {
  fc.assert(
    fc.property(
      words.filter(({ name }) => isMessage(name)),
      (word) => {
        const { control } = atOpenGate();
        const message = word.name as Message;
        const wrong = wrongData(message, word.data);
        if (wrong) control.ignore(message, wrong, word.data[0]);
        else control.hear(message, word.data[0] as object);
        const decided = control.approved.has(gate) || control.turn !== undefined;
        expect({ decided, approved: control.approved.size }).toEqual({
          decided: isDecision(word),
          approved: isDecision(word) && message === 'approve' ? 1 : 0,
        });
      },
    ),
    { numRuns: 10_000 },
  );
});
