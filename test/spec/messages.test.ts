import fc from 'fast-check';
import { description, type Message, messages, unknownKind, wrongData } from '../../src/model/messages';

const keys: Record<Message, string[]> = {
  pause: ['by', 'reason'],
  resume: ['by', 'reason'],
  approve: ['by', 'reason', 'step'],
  reject: ['by', 'reason'],
  rollback: ['by', 'reason'],
  retry: ['by', 'reason', 'step'],
  skip: ['by', 'reason', 'step'],
};

test.each([
  [
    { who: 'ben' },
    'who: is not a known key — the keys here are by, reason, step; by: is missing — write "by": … (who says it)',
  ],
  [{ By: 'ben' }, 'By: is not a known key — did you mean by?; by: is missing — write "by": … (who says it)'],
  ['ben', 'takes a mapping, not the text "ben" — write { "key": "value" }'],
  [[], 'takes a mapping, not a list — write { "key": "value" }'],
  [7, 'takes a mapping, not the number 7 — write { "key": "value" }'],
  [undefined, 'by: is missing — write "by": … (who says it)'],
  [null, 'by: is missing — write "by": … (who says it)'],
  [{ by: ' ' }, 'by: is empty — write "by": … (who says it)'],
  [{ by: 7 }, 'by: takes text, not the number 7 — write "7"'],
  [{ by: 'ben', step: 0 }, 'step: takes the step meant, by its number in the plan or its id, not 0'],
  [{ by: 'b'.repeat(201) }, 'by: is 201 characters long — write 200 at most'],
])('an approval with %j is refused, with the field and the right form', (data, problem) => {
  expect(wrongData('approve', [data])).toBe(
    `the data of approve is wrong: ${problem}; write it as { "by": "ana", "reason": "looks good" }`,
  );
});

test('however much is wrong, a sentence stays one that a release can keep', () => {
  const data = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`${index}${'x'.repeat(200)}`, 1]));
  expect(wrongData('approve', [data])!.length).toBeLessThan(1000);
  expect(wrongData('approve', [data])).toContain('; and 9996 more; write it as');
});

test('a second input is refused: one of the two would be dropped', () => {
  expect(wrongData('pause', [{}, {}])).toContain('takes one object, not 2 inputs');
});

test('whoever decides at a gate has to say who that is; everything else may be said without a word', () => {
  expect(messages.filter((message) => wrongData(message, []))).toEqual(['approve', 'reject']);
  expect(description('approve')).toBe('Let the release pass the gate it waits at. { by, reason?, step? }');
});

const text = fc.string({ minLength: 1, maxLength: 200 }).filter((one) => one.trim() !== '');
const valid = (message: Message) =>
  fc.record(
    {
      by: text,
      reason: fc.string({ maxLength: 2000 }),
      ...(keys[message].includes('step') && { step: fc.oneof(text, fc.integer({ min: 1, max: 9999 })) }),
    },
    { requiredKeys: ['by'] },
  );

test('what is right is taken, whatever is said with it', () => {
  const said = fc.constantFrom(...messages).chain((message) => fc.tuple(fc.constant(message), valid(message)));
  fc.assert(
    fc.property(said, ([message, data]) => {
      expect(wrongData(message, [data])).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

test('what is no object, or has one more key or another type, is refused, and the sentence names the key', () => {
  const said = fc.constantFrom(...messages).chain((message) => {
    const other = fc.string().filter((key) => !keys[message].includes(key) && key !== '__proto__');
    const wrong = fc.oneof(fc.boolean(), fc.constant(null), fc.array(fc.anything()), fc.dictionary(fc.string(), text));
    const odd = fc.tuple(valid(message), fc.oneof(other, fc.constantFrom(...keys[message])), wrong);
    return fc.tuple(fc.constant(message), odd);
  });
  fc.assert(
    fc.property(said, ([message, [data, key, value]]) => {
      const name = JSON.stringify(key.slice(0, 80)).slice(1, -1);
      expect(wrongData(message, [{ ...data, [key]: value }])).toContain(name);
    }),
    { numRuns: 4000 },
  );
  const noObject = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.array(fc.anything()));
  fc.assert(
    fc.property(fc.constantFrom(...messages), noObject, (message, data) => {
      expect(wrongData(message, [data])).toContain('takes a mapping');
    }),
    { numRuns: 4000 },
  );
});

test('a workflow type that is none is answered with those that are', () => {
  expect(unknownKind('rollbak')).toBe(
    'there is no workflow type "rollbak"; did you mean rollback? There are: release, rollback, drop, prune, backup, drill, restore, inspect',
  );
});
