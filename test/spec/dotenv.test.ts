// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as env files write variables
import { foundFiles } from '../../src/spec/compose-files';
import { filledIn, namesIn, valuesIn } from '../../src/spec/dotenv';

test.each([
  ['${NONE:-a}', 'a'],
  ['${NONE:-${NONE:-${A}}}', 'one'],
  ['${NONE-${A:-x}}-${A}', 'one-one'],
  ['${EMPTY:-x}${EMPTY-y}', 'x'],
  ['base.yml${A:+:gpu.yml}', 'base.yml:gpu.yml'],
  ['base.yml${EMPTY:+:gpu.yml}', 'base.yml'],
  ['${EMPTY+set}${NONE+not}', 'set'],
  ['${A:?needed}', 'one'],
  ['${NONE:?needed}', '${NONE:?needed}'],
  ['$$A', '$A'],
])('%s becomes %s', (text, expected) => expect(filledIn(text, { A: 'one', EMPTY: '' })).toBe(expected));

test('a byte order mark is no part of the first name', () => {
  expect(valuesIn(['\uFEFFCOMPOSE_FILE=base.yml\n'], {})).toEqual({ COMPOSE_FILE: 'base.yml' });
  expect(namesIn('\uFEFFTAG\n', { bare: true })).toEqual(['TAG']);
});

test('a dollar sign that is escaped takes nothing in', () => {
  expect(valuesIn(['PRICE="5\\$A"\n'], { A: 'one' })).toEqual({ PRICE: '5$A' });
});

test.each(['\uFEFFCOMPOSE_FILE=base.yml:gpu.yml\n', 'GPU=1\nCOMPOSE_FILE=base.yml${GPU:+:gpu.yml}\n'])(
  'the files of %j are those that Compose reads',
  (env) => {
    const files: Record<string, string> = { '.env': env, 'compose.yaml': '', 'base.yml': '', 'gpu.yml': '' };
    const found = foundFiles({ read: (name) => files[name], environment: {} });
    expect(found?.files).toEqual(['base.yml', 'gpu.yml']);
  },
);

test.each([
  ["A='it\\'s'", "it's"],
  ['A="a\\tb\\0101\\x"', 'a\tbA\\x'],
  ['A=a\t#b # c', 'a\t#b'],
  ['A=#b', '#b'],
  ['A="x" # c', 'x'],
  ["A='l1\nl2'", 'l1\nl2'],
  ['A: b\r', 'b'],
  ['A = 1', '1'],
])('the line %j sets %j', (text, value) => expect(valuesIn([text], {})).toEqual({ A: value }));

test('a line that Compose refuses sets nothing, and hides no other', () => {
  expect(valuesIn(['A B=1\nC="open\nD=1\n'], {})).toEqual({ D: '1' });
});

test('names may have dots, hyphens and letters of any script', () => {
  expect(namesIn('a.b=1\nc-d=2\nÄ=3\nexport E\n', { bare: true })).toEqual(['a.b', 'c-d', 'Ä', 'E']);
});
