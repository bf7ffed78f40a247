import fc from 'fast-check';
import { shownDiff } from '../../src/config/diff';
import { migrate } from '../../src/config/migrate';
import { shownBy, shownFinding } from '../../src/config/shown';
import { statementsIn } from '../../src/spec/dotenv-statements';
import { envFile } from './env-files';
import { situation } from './support';

/** All that people and programs see. */
function seen(texts: Parameters<typeof situation>[0]): string {
  const one = situation(texts);
  const { findings, text } = migrate(one);
  const shown = findings.map((finding) => JSON.stringify(shownFinding(finding, shownBy(one))));
  return [...shown, ...shownDiff(one, text)].join('\n');
}

test('defaults of examples are shown, other values are not', () => {
  const texts = {
    live: '# hunter2 was it\nHOST=localhost\nPORT=8080 # of hunter2\nDB_PASSWORD=changeme\nTOKEN=hunter2\nexport NAME="hunter2"\n',
    was: 'HOST=localhost\nPORT=80\n',
    example: 'HOST=db\nPORT=81\nDB_PASSWORD=changeme\nNEW=5\nTOKEN=\n',
    rules: { secrets: { TOKEN: 'hunter3' }, drop: ['NAME'] },
  };
  expect(seen(texts).split('\n').slice(-12)).toEqual([
    '--- .env',
    '+++ .env',
    '@@ -1,6 +1,6 @@',
    ' # …',
    '-HOST=localhost',
    '+HOST=db',
    ' PORT=******** # …',
    ' DB_PASSWORD=********',
    '-TOKEN=********',
    '-export NAME=********',
    '+NEW=5',
    '+TOKEN=******** (new)',
  ]);
  expect(seen(texts)).not.toMatch(/hunter|changeme/);
});

test('a value that a secret has is hidden under any key', () => {
  const texts = {
    live: 'A=1\nURL=abc\n',
    was: 'URL=abc\n',
    example: 'URL=abcd\nKEY=\n',
    rules: { secrets: { KEY: 'abc' } },
  };
  expect(seen(texts)).not.toMatch(/abc\b/);
});

test('lists and texts of many lines are hidden whole', () => {
  const texts = {
    file: 'a.yaml',
    live: 'users:\n  - hunter2\nkey: |\n  hunter2\nlast: 1\n',
    example: 'users: [me]\nlast: 1\nnew: 2\n',
  };
  expect(seen(texts)).not.toContain('hunter2');
  const toml = { file: 'a.toml', live: 'a = 1\n[[users]]\nname = "hunter2"\n', example: 'a = 1\nb = 2\n' };
  expect(seen(toml)).not.toContain('hunter2');
});

test('no random file shows what only its owner has written', () => {
  const isRead = (text: string) => !statementsIn(text).some(({ kind }) => kind === 'unread');
  const secret = fc.constantFrom('', '"', "'").map((quote) => `${quote}hunter2 x${quote}`);
  fc.assert(
    fc.property(envFile.filter(isRead), envFile.filter(isRead), secret, (before, example, value) => {
      const live = `${before.replace(/\r?\n?$/, '')}\nMINE=${value} # hunter2\n# hunter2\n`;
      fc.pre(isRead(live));
      expect(seen({ live, was: before, example, rules: { unset: 'keep' } })).not.toContain('hunter2');
    }),
    { numRuns: 300 },
  );
});
