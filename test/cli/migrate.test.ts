// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as Compose files write variables
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { belay } from './support';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-migrate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
const run = (argv: string[], env: Record<string, string> = {}) => belay(['migrate', ...argv], { cwd: folder, env });
const spec = (config: string): string => `platform: shop\n${config}\nservices:\n  api: { image: shop/api:1 }\n`;

const live = '# mine\r\nVERSION=1.4.2 # pinned\r\nHOST=localhost\r\nTOKEN=hunter2\r\n';
const versions = {
  '.env': live,
  '.env.example': 'SHOP_VERSION=latest\nHOST=db\nTOKEN=\nPOOL=5\n',
  'old/.env.example': 'VERSION=latest\nHOST=localhost\nTOKEN=\n',
  'old/compose.yaml': 'services: { api: { image: "shop/api:${VERSION:-latest}" } }',
  'compose.yaml': 'services: { api: { image: "shop/api:${SHOP_VERSION:-latest}" } }',
};
const byOptions = ['--file', '.env', '--from', '.env.example', '--was', 'old'];
const rename = ['--rename', 'VERSION=SHOP_VERSION'];

describe('without a belay.yaml', () => {
  test('shows a table and a diff without secrets, and writes nothing', async () => {
    write(versions);
    const { code, out, err } = await run([...byOptions, ...rename]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      '.env  to be written; from .env.example, compared with old/.env.example',
      '  key           what                              from → to       action',
      '  SHOP_VERSION  was VERSION                       ********        rename',
      '  POOL          new, with a default               5               add',
      '  HOST          new default, the old one is here  localhost → db  change',
      '',
      '--- .env',
      '+++ .env',
      '@@ -1,4 +1,5 @@',
      ' # …',
      '-VERSION=******** # …',
      '-HOST=localhost',
      '+SHOP_VERSION=******** # …',
      '+HOST=db',
      ' TOKEN=********',
      '+POOL=5',
      '',
      '  → belay migrate --write   writes it',
    ]);
    expect(text('.env')).toBe(live);
    expect(readdirSync(folder)).not.toContain('.env.base');
  });

  test('asks for a decision before a pin is lost, and writes nothing', async () => {
    write(versions);
    const { code, out, err } = await run([...byOptions, '--write']);
    expect(code).toBe(2);
    expect(out).toContain('SHOP_VERSION  VERSION no longer pins api');
    expect(out).toContain('✗ SHOP_VERSION: give --rename VERSION=SHOP_VERSION');
    expect(err).toBe('belay: .env: SHOP_VERSION needs a decision\n  → each way out stands above; nothing was written');
    expect(text('.env')).toBe(live);
  });

  test('writes, keeps mode, owner and the former file, and has nothing to do the second time', async () => {
    write(versions);
    chmodSync(join(folder, '.env'), 0o640);
    if (process.getuid?.() === 0) chownSync(join(folder, '.env'), 1234, 1235);
    const owner = statSync(join(folder, '.env'));
    const first = await run([...byOptions, ...rename, '--write', '--json']);
    expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '' });
    expect(text('.env')).toBe('# mine\r\nSHOP_VERSION=1.4.2 # pinned\r\nHOST=db\r\nTOKEN=hunter2\r\nPOOL=5\r\n');
    const [file] = JSON.parse(first.out).files;
    expect(file).toMatchObject({ file: '.env', changes: true, refused: false, written: true, base: '.env.base' });
    expect(file.kept).toMatch(/^\.env\.before-\d{8}T\d{6}\.\d{3}Z$/);
    expect(text(file.kept)).toBe(live);
    for (const name of ['.env', file.kept]) {
      const { mode, uid, gid } = statSync(join(folder, name));
      expect({ mode: mode & 0o7777, uid, gid }).toEqual({ mode: 0o640, uid: owner.uid, gid: owner.gid });
    }
    const before = readdirSync(folder);
    for (const was of [byOptions, byOptions.slice(0, 4)]) {
      const again = await run([...was, '--write', '--exit-code', '--json']);
      expect({ code: again.code, changes: JSON.parse(again.out).changes }).toEqual({ code: 0, changes: false });
    }
    expect(readdirSync(folder)).toEqual(before);
  });

  test('follows a link, and leaves it a link', async () => {
    write({ ...versions, 'real/shop.env': live });
    rmSync(join(folder, '.env'));
    symlinkSync('real/shop.env', join(folder, '.env'));
    expect((await run([...byOptions, ...rename, '--write'])).code).toBe(0);
    expect(text('real/shop.env')).toContain('SHOP_VERSION=1.4.2');
    expect(readdirSync(join(folder, 'real'))).toHaveLength(2);
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(text('real/shop.env'));
  });

  test('makes a file that is not there from the example, for its owner only', async () => {
    write({ 'new/shop.yaml.example': 'a: 1\nb: { c: x }\n' });
    const { code, err } = await run(['--file', 'shop.yaml', '--from', 'new/shop.yaml.example', '--write']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(text('shop.yaml')).toBe('a: 1\nb:\n  c: x\n');
    expect(statSync(join(folder, 'shop.yaml')).mode & 0o777).toBe(0o600);
  });

  test.each([
    [['--from', '.env.example'], '--from: names no file to migrate', 'write --file .env too'],
    [['--was', 'old'], '--was: belongs to --from', 'write it into belay.yaml, or name the example by --from'],
    [['--file', 'shop.ini', '--from', 'x'], '--file: shop.ini has an unknown format', 'name a file that ends in .env'],
    [['--file', '.env', '--from', 'none'], '/none is not there', 'name the example of the new version'],
    [[...byOptions.slice(0, 4), '--was', 'none'], '/none is not there', 'name the example of the version before'],
    [['--plan', '--write'], "option '--plan' cannot be used with option '--write'", 'belay migrate --help'],
    [[...byOptions, '--rename', 'A'], 'Write OLD=NEW', 'belay migrate --help'],
    [
      ['--file', 'bad.env', '--from', '.env.example'],
      'bad.env:2 is no line that Compose can read',
      'correct that line',
    ],
    [['--file', 'latin.env', '--from', '.env.example'], 'latin.env is not UTF-8 text', 'convert it first'],
  ])('%j is wrong input: %s', async (argv, message, hint) => {
    write({ ...versions, 'bad.env': 'A=1\nhunter2 hunter2\n' });
    writeFileSync(join(folder, 'latin.env'), Buffer.from('A=\xe4\n', 'latin1'));
    const { code, err, out } = await run(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain(`  → ${hint}`);
    expect(err).not.toContain('hunter2');
  });
});

describe('by the config of a belay.yaml', () => {
  const config =
    'compose: compose.yaml\nenvironments: { staging: belay.staging.yaml }\nconfig:\n  .env:\n    from: .env.example\n    was: old\n    rename: { VERSION: SHOP_VERSION }\n    from_secret: { TOKEN: ./token, DSN: SHOP_DSN }\n    set: { LEVEL: info }';
  const files = {
    ...versions,
    'belay.yaml': spec(config),
    'belay.staging.yaml': 'config: { .env: { set: { LEVEL: debug }, from_secret: null, unset: keep } }\n',
    token: 'hunter3\n',
  };

  test('takes secrets from files and variables, and shows none', async () => {
    write(files);
    const { code, out, err } = await run(['--write', '--json'], { SHOP_DSN: 'pg://hunter4' });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toContain('hunter');
    expect(text('.env')).toBe(
      '# mine\r\nSHOP_VERSION=1.4.2 # pinned\r\nHOST=db\r\nTOKEN=hunter3\r\nPOOL=5\r\nLEVEL=info\r\nDSN=pg://hunter4\r\n',
    );
  });

  test('answers 10 for changes where it is asked to, by the overlay of an environment too', async () => {
    write(files);
    const { code, out } = await run(['--env', 'staging', '--exit-code']);
    expect(code).toBe(10);
    expect(out).toMatch(/LEVEL +set by a rule +debug +add/);
    expect(out).not.toContain('from a secret');
  });

  test.each([
    [{}, 'from_secret: DSN: SHOP_DSN is not set here', 'set the variable SHOP_DSN'],
    [{ SHOP_DSN: '' }, 'from_secret: DSN: SHOP_DSN is empty', 'set the variable SHOP_DSN'],
  ])('refuses a secret that is missing: %j', async (env, message, hint) => {
    write(files);
    const { code, err } = await run([], env);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain(hint);
  });

  test('names the rules that a decision needs', async () => {
    write({
      ...versions,
      'belay.yaml': spec('compose: compose.yaml\nconfig: { .env: { from: .env.example, was: old } }'),
    });
    const { code, out, err } = await run(['--json']);
    expect({ code, err }).toEqual({ code: 2, err: '' });
    const { refused, files } = JSON.parse(out);
    expect(refused).toBe(true);
    expect(files[0].findings[0]).toMatchObject({ kind: 'unpinned', hint: 'write rename: { VERSION: SHOP_VERSION }' });
  });

  test('says how to name files where the spec names none', async () => {
    write({ 'belay.yaml': spec('') });
    const { code, err } = await run([]);
    expect(code).toBe(2);
    expect(err).toContain('belay.yaml has no config');
    expect(err).toContain('belay migrate --file .env --from .env.example');
  });
});
