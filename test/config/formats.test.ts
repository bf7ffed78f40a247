// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as env files write variables
import fc from 'fast-check';
import { stringify as yamlOf } from 'yaml';
import { applied } from '../../src/config/apply';
import { change, draftOf, type Edit } from '../../src/config/draft';
import { stringify as tomlOf } from '../../src/config/formats/toml-parser';
import { opened } from './support';

const texts = {
  'shop.yaml': `# top\r\na: 1 # one\r\nb:\r\n  c: "x"\r\n  # about d\r\n  d: [1, 2]\r\n  e: |\r\n    many\r\n    lines\r\nf: { g: 1, h: 'x' }\r\nn:`,
  'shop.json': `{\n\t// c\n\t"a": 1, // one\n\t"b": {\n\t\t"c": "x",\n\t\t"d": [1, 2]\n\t},\n\t"f": { "g": 1, "h": "x" }\n}\n`,
  'shop.toml': `# top\na = 1 # one\nf = { g = 1, h = "x" }\nd = [\n  1, # x\n  2,\n]\n\n[b] # tab\nc = 'x'\n  e = """many\nlines"""\n[[l]]\nz = 1\n[k]\n"q.r".s = 1979-05-27\n`,
  '.env': `# top\r\nA=1 # one\r\nexport B="x y"\r\nC='z'`,
};
type File = keyof typeof texts;

/** The text after one edit, as the lines that went and the lines that came. */
function lines(file: File, ...edits: Edit[]): { gone: string[]; came: string[] } {
  const live = opened(texts[file], file);
  const draft = draftOf(live);
  for (const edit of edits) change(draft, edit);
  const [before, after] = [texts[file].split('\n'), applied(live, draft).split('\n')];
  return { gone: before.filter((one) => !after.includes(one)), came: after.filter((one) => !before.includes(one)) };
}

const set = (key: string, value: unknown): Edit => ({ kind: 'set', key, value });
const add = (key: string, value: unknown): Edit => ({ kind: 'add', key, value });
const remove = (key: string): Edit => ({ kind: 'remove', key });
const rename = (key: string, to: string): Edit => ({ kind: 'rename', key, to });

const cases: Array<[File, Edit, string[], string[]]> = [
  ['shop.yaml', set('a', 2), ['a: 1 # one\r'], ['a: 2 # one\r']],
  ['shop.yaml', set('b.c', "it's"), ['  c: "x"\r'], ['  c: "it\'s"\r']],
  ['shop.yaml', set('f.h', 'y'), ["f: { g: 1, h: 'x' }\r"], ["f: { g: 1, h: 'y' }\r"]],
  ['shop.yaml', set('n', 'yes'), ['n:'], ['n: yes']],
  ['shop.yaml', add('b.z', [1]), [], ['  z:\r', '    - 1\r']],
  ['shop.yaml', add('f.z', 1), ["f: { g: 1, h: 'x' }\r"], ["f: { g: 1, h: 'x', z: 1 }\r"]],
  ['shop.yaml', add('p.q', 'r'), ['n:'], ['n:\r', 'p:\r', '  q: r']],
  ['shop.yaml', remove('b.e'), ['  e: |\r', '    many\r', '    lines\r'], []],
  ['shop.yaml', remove('f.g'), ["f: { g: 1, h: 'x' }\r"], ["f: { h: 'x' }\r"]],
  ['shop.yaml', rename('b.c', 'b.x'), ['  c: "x"\r'], ['  x: "x"\r']],
  ['shop.yaml', rename('b.c', 'c'), ['  c: "x"\r', 'n:'], ['n:\r', 'c: x']],
  ['shop.json', set('a', '2'), ['\t"a": 1, // one'], ['\t"a": "2", // one']],
  ['shop.json', add('b.z', true), ['\t\t"d": [1, 2]'], ['\t\t"d": [1, 2],', '\t\t"z": true']],
  ['shop.json', add('f.z', 1), ['\t"f": { "g": 1, "h": "x" }'], ['\t"f": { "g": 1, "h": "x", "z": 1 }']],
  ['shop.json', remove('a'), ['\t"a": 1, // one'], []],
  ['shop.json', remove('b.d'), ['\t\t"c": "x",', '\t\t"d": [1, 2]'], ['\t\t"c": "x"']],
  ['shop.json', rename('f.g', 'f.k'), ['\t"f": { "g": 1, "h": "x" }'], ['\t"f": { "k": 1, "h": "x" }']],
  ['shop.toml', set('a', 2), ['a = 1 # one'], ['a = 2 # one']],
  ['shop.toml', add('b.z', 'y'), [], ['z = "y"']],
  ['shop.toml', add('p.q.z', 1), [], ['[p.q]']],
  ['shop.toml', add('f.z', true), ['f = { g = 1, h = "x" }'], ['f = { g = 1, h = "x", z = true }']],
  ['shop.toml', remove('d'), ['d = [', '  1, # x', '  2,', ']'], []],
  ['shop.toml', rename('k["q.r"].s', 'k["q.r"].t'), ['"q.r".s = 1979-05-27'], ['"q.r".t = 1979-05-27']],
  ['.env', set('A', 'a b'), ['A=1 # one\r'], ["A='a b' # one\r"]],
  ['.env', set('B', 'a"$b'.replace('$', '$$$$')), ['export B="x y"\r'], ['export B="a\\"$$b"\r']],
  ['.env', add('D', '1'), ["C='z'"], ["C='z'\r", 'D=1']],
  ['.env', remove('C'), ['export B="x y"\r', "C='z'"], ['export B="x y"']],
  ['.env', rename('B', 'BB'), ['export B="x y"\r'], ['export BB="x y"\r']],
];

test.each(cases)('%s: %j changes only its lines', (file, edit, gone, came) => {
  expect(lines(file, edit)).toEqual({ gone, came: expect.arrayContaining(came) });
  expect(lines(file, edit).came.filter((one) => !came.includes(one) && one !== 'z = 1')).toEqual([]);
});

test('a renamed variable is renamed in the values that refer to it', () => {
  const live = opened("A=1\nB=$A/${A:-x}/$AB\nC='$A'\nD=$$A\n");
  const draft = draftOf(live);
  change(draft, rename('A', 'Z'));
  expect(applied(live, draft)).toBe("Z=1\nB=$Z/${Z:-x}/$AB\nC='$A'\nD=$$A\n");
});

test('a text that cannot be changed in its place is left alone, and the error says which key', () => {
  const live = opened('a: &x 1\nb: *x\n', 'shop.yaml');
  const draft = draftOf(live);
  change(draft, remove('a'));
  expect(() => applied(live, draft)).toThrow('shop.yaml: a cannot be changed in its place');
});

test.each([
  ['shop.yaml', 'a: 1\nb: [\n', 'shop.yaml:3 is not YAML'],
  ['shop.yaml', '- a\n', 'shop.yaml:1 is not a mapping'],
  ['shop.json', '{\n  "a": secret\n}', 'shop.json:2 is not JSON (InvalidSymbol)'],
  ['shop.toml', 'a = 1\nb = secret\n', 'shop.toml:2 is not TOML'],
  ['.env', 'A=1\nmy secret\n', '.env:2 is no line that Compose can read'],
])('%s that cannot be read is refused with its line, without its text', (file, text, message) => {
  expect(() => opened(text, file)).toThrow(message);
  expect(() => opened(text, file)).not.toThrow(/secret/);
});

const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,5}$/);
const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.stringMatching(/^[\w ./:#'"{}[\]-]{0,10}$/));
const leaf = fc.oneof(scalar, fc.array(fc.integer(), { maxLength: 3 }));
const { tree } = fc.letrec<{ tree: Record<string, unknown> }>((tie) => ({
  tree: fc.dictionary(name, fc.oneof({ depthSize: 'small' }, leaf, tie('tree')), { minKeys: 1, maxKeys: 5 }),
}));
const writers: Record<string, (data: object) => string> = {
  'a.yaml': (data) => yamlOf(data),
  'a.json': (data) => JSON.stringify(data, null, 2),
  'a.toml': tomlOf,
};

test('whatever a file holds, a key that is set, added or removed leaves all other values', () => {
  const how = fc.constantFrom<Edit['kind']>('set', 'add', 'remove');
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(writers)),
      tree,
      how,
      scalar,
      fc.nat(),
      (file, data, kind, value, at) => {
        const live = opened(writers[file]!(data), file);
        const keys = [...live.keys.keys()];
        fc.pre(keys.length > 0);
        const key = kind === 'add' ? `${keys[at % keys.length]!.replace(/[^.]*$/, '')}zz_new` : keys[at % keys.length]!;
        const draft = draftOf(live);
        change(draft, kind === 'remove' ? remove(key) : kind === 'set' ? set(key, value) : add(key, value));
        const made = opened(applied(live, draft), file);
        for (const [other, entry] of live.keys)
          if (other !== key) expect(made.keys.get(other)?.value).toEqual(entry.value);
        if (kind !== 'remove') expect(made.keys.get(key)?.value).toEqual(value);
      },
    ),
    { numRuns: 500 },
  );
});
