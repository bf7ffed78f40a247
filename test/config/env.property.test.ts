import fc from 'fast-check';
import { applied } from '../../src/config/apply';
import { change, draftOf } from '../../src/config/draft';
import { spliced } from '../../src/config/format';
import { env } from '../../src/config/formats/env';
import { migrate } from '../../src/config/migrate';
import { specWays } from '../../src/config/ways';
import { statementsIn } from '../../src/spec/dotenv-statements';
import { anyFile, envFile } from './env-files';
import { noRules, opened } from './support';

const runs = Number(process.env.BELAY_ENV_FILES ?? 6000);
const isRefused = (text: string): boolean => statementsIn(text).some(({ kind }) => kind === 'unread');

test('a file that nothing changes comes out byte for byte, and each value as it was written', () => {
  fc.assert(
    fc.property(anyFile, (text) => {
      if (isRefused(text))
        return void expect(() => opened(text)).toThrow(/^\.env:\d+ is no line that Compose can read$/);
      const live = opened(text);
      expect(migrate({ live, was: live, example: live, rules: noRules, ways: specWays }).text).toBe(text);
      const own = live.reading.entries
        .filter(({ value }) => value !== null)
        .flatMap((entry) => env.set(live.text, entry, { value: entry.value, like: { text: live.text, entry } }));
      expect(live.mark + spliced(live.text, own)).toBe(text);
    }),
    { numRuns: runs },
  );
});

test('statements follow each other, and only blanks and comments stand between them', () => {
  fc.assert(
    fc.property(anyFile, (text) => {
      let at = text.startsWith('\uFEFF') ? 1 : 0;
      for (const { start, end, name, value } of statementsIn(text)) {
        expect(text.slice(at, start)).toMatch(/^(?:[\s\u0085]|#[^\n]*(?:\n|$))*$/);
        expect([start <= name.start, name.end <= value.start, value.end <= end, start < end]).toEqual(
          Array(4).fill(true),
        );
        at = end;
      }
      expect(text.slice(at)).toMatch(/^(?:[\s\u0085]|#[^\n]*(?:\n|$))*$/);
    }),
    { numRuns: Math.ceil(runs / 6) },
  );
});

const readable = envFile.filter((text) => !isRefused(text) && opened(text).keys.size > 0);
const picked = readable.chain((text) => fc.tuple(fc.constant(text), fc.constantFrom(...opened(text).keys.keys())));
const value = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'a b', "it's", '"', '\\', 'a\nb', '#x', '$A', 'ü'))
  .map((text) => text.replaceAll('\0', '').replaceAll('$', '$$$$'));

test('a new value of one key changes its own place alone, and reads back', () => {
  fc.assert(
    fc.property(picked, value, ([text, key], to) => {
      const live = opened(text);
      const draft = draftOf(live);
      change(draft, { kind: 'set', key, value: to });
      const made = applied(live, draft);
      const { written } = live.keys.get(key)!;
      const [before, after] = [live.mark + live.text.slice(0, written.start), live.text.slice(written.end)];
      expect([made.startsWith(before), made.endsWith(after)]).toEqual([true, true]);
    }),
    { numRuns: Math.ceil(runs / 6) },
  );
});

test('a key that is taken out takes only its own lines along', () => {
  fc.assert(
    fc.property(picked, ([text, key]) => {
      const live = opened(text);
      const draft = draftOf(live);
      change(draft, { kind: 'remove', key });
      const rest = opened(applied(live, draft));
      expect(rest.keys.has(key)).toBe(false);
      for (const [other, { value: own }] of live.keys) if (other !== key) expect(rest.keys.get(other)?.value).toBe(own);
      const comments = (all: string) => all.split('\n').filter((line) => line.startsWith('#')).length;
      expect(comments(rest.text)).toBeLessThanOrEqual(comments(live.text));
    }),
    { numRuns: Math.ceil(runs / 6) },
  );
});

test('a key that comes new stands between the lines that were there', () => {
  fc.assert(
    fc.property(picked, readable, value, ([text], other, to) => {
      const live = opened(text);
      const example = opened(`${other.replace(/\r?\n?$/, '')}\nADDED=1\n`);
      const like = { document: example, entry: example.keys.get('ADDED')! };
      const draft = draftOf(live);
      change(draft, { kind: 'add', key: 'ADDED', value: '1', like });
      change(draft, { kind: 'set', key: 'ADDED', value: to });
      const made = applied(live, draft).split('\n');
      const had = text.split('\n');
      const common = had.filter((line) => made.includes(line));
      expect(common.length).toBeGreaterThanOrEqual(had.length - 1);
    }),
    { numRuns: Math.ceil(runs / 6) },
  );
});
