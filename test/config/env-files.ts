// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as env files write variables
import fc from 'fast-check';

/** Random env files: all odd forms that Compose takes, and some that it refuses. */
const name = fc.oneof(
  fc.constantFrom('A', 'B', 'TAG', 'DB_HOST', 'lower', 'with.dot', 'with-hyphen', '_', 'A1', 'ÄÖ', 'list[0]', '1st'),
  fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/),
);

const plain = fc.oneof(
  fc.constantFrom('', '1', 'true', 'a b', 'a#b', 'a #b', '#b', 'a\t#b', "it's", 'a"b', 'a=b', 'a\\nb', 'üñ𝄞', '  in  ', '$A', '${B:-x}', '$$A', '${A:+y}', 'C:\\dir'),
  fc.stringMatching(/^[\w ./:@%+,=#'"\\-]{0,20}$/),
); // biome-ignore format: a list

const single = fc
  .array(fc.constantFrom('a', ' ', '#', '$A', '"', '\\\\', "\\'", '\\n', '\n', 'ü', '='), { maxLength: 8 })
  .map((parts) => `'${parts.join('')}'`);
const double = fc
  .array(
    fc.constantFrom('a', ' ', '#', '${A:-d}', '$$', "'", '\\\\', '\\"', '\\n', '\\t', '\\$', '\\x', '\\0101', '\\012', '\\0', '\n', 'é', '='),
    { maxLength: 8 },
  ) // biome-ignore format: a list
  .map((parts) => `"${parts.join('')}"`);

const blank = fc.constantFrom('', ' ', '\t ', '  ');
const comment = fc.constantFrom('# a comment', '#', '#A=1', '# it\'s "quoted"', '  # indented');

const assignment = fc
  .record({
    before: blank,
    exported: fc.constantFrom('', '', '', 'export ', 'export\t'),
    name,
    sign: fc.constantFrom('=', '=', '=', ' = ', '= ', ' =', ':', ': '),
    value: fc.oneof(plain, single, double),
    after: fc.constantFrom('', '', ' ', ' # note', '\t'),
  })
  .map((one) => `${one.before}${one.exported}${one.name}${one.sign}${one.value}${one.after}`);
const bare = fc.tuple(name, blank).map((parts) => parts.join(''));
/** Compose refuses most of these. */
const broken = fc.oneof(fc.string(), fc.constantFrom('A B=1', '-', '"', "A='open", '=', 'A!=1', 'export', 'A="x"B=2'));

function fileOf(lines: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  const line = fc.tuple(fc.oneof(...lines), fc.constantFrom('\n', '\n', '\r\n', '\n\n'));
  const file = fc.record({
    mark: fc.constantFrom('', '', '\uFEFF'),
    lines: fc.array(line, { maxLength: 12 }),
    last: fc.boolean(),
  });
  return file.map(({ mark, lines: all, last }) => {
    const text = all.map((parts) => parts.join('')).join('');
    return `${mark}${last ? text.replace(/[\r\n]+$/, '') : text}`;
  });
}

/** Files that consist of what Compose takes, each line on its own. */
export const envFile = fileOf([assignment, assignment, assignment, bare, comment, blank]);
/** Files with lines that are no statements, too. */
export const anyFile = fileOf([assignment, assignment, bare, comment, blank, broken]);
