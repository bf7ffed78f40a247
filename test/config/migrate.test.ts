// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as Compose files write variables
import { isAlike } from '../../src/config/passes/guesses';
import { isInsecure, isSecretKey, needsValue } from '../../src/config/values';
import { migrated, opened, said } from './support';

describe('keys that are new', () => {
  const live = '# mine\nA=1\nZ=9\n';
  const was = 'A=1\nGONE=x\nZ=9\n';
  const example = 'A=1\n# how many\nRATE=5\n\nTOKEN=\nNONE\nKEY=changeme\nZ=9\n';

  test('are added with their default and their comment, where the example has them', () => {
    const made = migrated({ live, was, example, rules: { unset: 'keep' } });
    expect(made.text).toBe('# mine\nA=1\n# how many\nRATE=5\nZ=9\n');
    expect(said(made)).toEqual(['RATE added add', 'TOKEN required none', 'NONE no-default none', 'KEY required none']);
  });

  test('and need a value ask for a decision, or take the example', () => {
    expect(said(migrated({ live, was, example }))).toContain('TOKEN required decide');
    const made = migrated({ live, was, example, rules: { unset: 'default' } });
    expect(made.text).toBe('# mine\nA=1\n# how many\nRATE=5\nTOKEN=\nKEY=changeme\nZ=9\n');
  });

  test('and are passwords that everybody knows need a value too', () => {
    expect(said(migrated({ live, was, example: `${was}REDIS_PASSWORD=redis\n` }))).toEqual([
      'REDIS_PASSWORD required decide',
    ]);
  });

  test('get the values of rules, in quotes where they need them', () => {
    const rules = { set: { RATE: 'a b' }, secrets: { TOKEN: "it's $5", KEY: 'k' } };
    const { text } = migrated({ live, was, example, rules });
    expect(text).toBe("# mine\nA=1\n# how many\nRATE='a b'\nTOKEN=\"it's $$5\"\nKEY=k\nZ=9\n");
  });

  test('stay away where the old example had them too, and the file did not', () => {
    expect(migrated({ live: 'Z=9\n', was, example: was }).text).toBe('Z=9\n');
    expect(migrated({ live: 'Z=9\n', example: was }).text).toBe(
      'A=1\nGONE=x\nZ=9\n'.replace(/^(A.*\nG.*\n)(Z.*\n)/, '$2$1'),
    );
  });

  test('keep the line ends of the file', () => {
    expect(migrated({ live: 'A=1\r\nZ=9', was, example, rules: { unset: 'keep' } }).text).toBe(
      'A=1\r\n# how many\r\nRATE=5\r\nZ=9',
    );
  });
});

describe('keys with another name', () => {
  const texts = { live: 'VERSION=1.4.2\n', was: 'VERSION=latest\n', example: 'SHOP_VERSION=latest\n' };

  test('are renamed by rule, and keep their value', () => {
    const made = migrated({ ...texts, rules: { rename: { VERSION: 'SHOP_VERSION' } } });
    expect(made.text).toBe('SHOP_VERSION=1.4.2\n');
    expect(said(made)).toEqual(['SHOP_VERSION renamed rename']);
  });

  test('wait for the version whose example has the new name', () => {
    const made = migrated({ ...texts, example: texts.was, rules: { rename: { VERSION: 'SHOP_VERSION' } } });
    expect(made.text).toBe(texts.live);
    expect(said(made).filter((one) => one.includes('renamed'))).toEqual([]);
  });

  test('are guessed and said, never renamed; a value of its own asks for a decision', () => {
    const made = migrated(texts);
    expect(made.text).toBe('VERSION=1.4.2\n');
    expect(said(made)).toEqual(['SHOP_VERSION maybe-renamed decide']);
    expect(said(migrated({ ...texts, live: 'VERSION=latest\n' }))).toEqual([
      'SHOP_VERSION maybe-renamed none',
      'SHOP_VERSION added add',
    ]);
  });

  test('are no guess with another default, nor without an old example', () => {
    expect(said(migrated({ ...texts, example: 'SHOP_VERSION=1\n' }))).toEqual([
      'SHOP_VERSION added add',
      'VERSION removed none',
    ]);
    expect(said(migrated({ ...texts, was: undefined }))).toEqual(['SHOP_VERSION added add', 'VERSION unread none']);
  });

  test('that are there already need a decision where the values differ', () => {
    const rules = { rename: { VERSION: 'SHOP_VERSION' } };
    const both = (value: string) => migrated({ ...texts, live: `VERSION=1.4.2\nSHOP_VERSION=${value}\n`, rules });
    expect(said(both('latest'))).toEqual(['SHOP_VERSION renamed decide']);
    expect(both('1.4.2').text).toBe('SHOP_VERSION=1.4.2\n');
  });
});

describe('defaults that have changed', () => {
  const change = (live: string, was: string, example: string) => migrated({ live, was, example });

  test('are taken over where the file still has the old one', () => {
    const made = change('HOST=localhost # here\n', 'HOST=localhost\n', 'HOST="db"\n');
    expect(made.text).toBe('HOST="db" # here\n');
    expect(said(made)).toEqual(['HOST default-changed change']);
  });

  test('are said where the file has another value', () => {
    const made = change('PORT=8080\n', 'PORT=80\n', 'PORT=81\n');
    expect({ text: made.text, said: said(made) }).toEqual({ text: 'PORT=8080\n', said: ['PORT own-value none'] });
  });

  test('of another type are said as such', () => {
    expect(said(change('T=7\n', 'T=5\n', 'T=5s\n'))).toEqual(['T type-changed none']);
    expect(said(change('T=7s\n', 'T=5\n', 'T=5s\n'))).toEqual(['T own-value none']);
    const typed = { live: 'a: "1"\n', example: 'a: 1\n', file: 'shop.yaml' };
    expect(said(migrated(typed))).toEqual(['a type-changed none']);
  });

  test('of passwords are left as they are: a database was made with the old one', () => {
    const made = change('DB_PASSWORD=postgres\n', 'DB_PASSWORD=postgres\n', 'DB_PASSWORD=shop-dev\n');
    expect(made.text).toBe('DB_PASSWORD=postgres\n');
    expect(said(made)).toEqual(['DB_PASSWORD own-value none', 'DB_PASSWORD insecure none']);
  });

  test('do not take a value away: a placeholder is none', () => {
    expect(change('KEY=dev\n', 'KEY=dev\n', 'KEY=changeme\n').text).toBe('KEY=dev\n');
  });
});

test('values that everybody knows from the example are named', () => {
  const text = 'DB_PASSWORD=postgres\nAPI_KEY=changeme\nTOKEN_TTL=3600\nUSER_NAME=admin\nSECRET=example\n';
  const made = migrated({ live: text.replace('SECRET=example', 'SECRET=mine'), was: text, example: text });
  expect(said(made)).toEqual(['DB_PASSWORD insecure none', 'API_KEY insecure none']);
});

describe('Compose files of both versions', () => {
  const was =
    'services: { api: { image: "shop/api:${VERSION:-latest}", env_file: [.env] }, web: { image: web, env_file: .env } }';
  const now =
    'services: { api: { image: "shop/api:${SHOP_VERSION:-latest}", environment: [PORT] }, web: { image: web, env_file: [{ path: ./.env }] } }';
  const texts = {
    live: 'VERSION=1.4.2\nPORT=80\nDEBUG=1\n',
    example: 'PORT=80\nSHOP_VERSION=\n',
    compose: { was, now },
  };

  test('show a pin that a rename would let go', () => {
    const { findings } = migrated({ ...texts, rules: { unset: 'keep' } });
    expect(findings.find(({ kind }) => kind === 'unpinned')).toMatchObject({
      key: 'SHOP_VERSION',
      other: 'VERSION',
      to: 'latest',
      services: ['api'],
      action: 'decide',
    });
    const kept = migrated({ ...texts, rules: { rename: { VERSION: 'SHOP_VERSION' } } });
    expect(said(kept).some((one) => one.includes('unpinned'))).toBe(false);
  });

  test('say nothing of a default that is a version, nor of another image', () => {
    const fixed = { was, now: now.replace(':-latest', ':-2.0') };
    expect(said(migrated({ ...texts, compose: fixed })).some((one) => one.includes('unpinned'))).toBe(false);
    const other = { was, now: now.replace('shop/api', 'shop/next') };
    expect(said(migrated({ ...texts, compose: other })).some((one) => one.includes('unpinned'))).toBe(false);
  });

  test('show the keys that only a dropped env_file passed on', () => {
    const { findings } = migrated({ ...texts, rules: { rename: { VERSION: 'SHOP_VERSION' } } });
    const lost = findings.filter(({ kind }) => kind === 'not-passed').map(({ key, services }) => [key, services]);
    expect(lost).toEqual([
      ['SHOP_VERSION', ['api']],
      ['DEBUG', ['api']],
    ]);
  });

  test('and what they read is not called unread', () => {
    const made = migrated({
      live: 'TAG=1\nOTHER=2\nCOMPOSE_PROFILES=x\n',
      example: '',
      compose: { now: 'services: { a: { image: "a:$TAG" } }' },
    });
    expect(said(made)).toEqual(['OTHER unread none']);
  });
});

test('a map where the file has a value asks for a decision', () => {
  const made = migrated({ live: 'db: x\n', example: 'db:\n  host: y\n', file: 'shop.yaml' });
  expect(said(made)).toContain('db.host in-the-way decide');
  expect(made.text).toBe('db: x\n');
});

test('nested files take keys and rules by path', () => {
  const made = migrated({
    live: 'db:\n  # mine\n  host: a\n  pool: 5\n',
    was: 'db:\n  host: localhost\n  pool: 5\n',
    example: 'db:\n  address: localhost\n  pool: 10\n  tls: true\nlog: { level: info }\n',
    file: 'shop.yaml',
    rules: { rename: { 'db.host': 'db.address' }, set: { 'log.level': 'debug' } },
  });
  expect(made.text).toBe('db:\n  # mine\n  address: a\n  pool: 10\n  tls: true\nlog:\n  level: debug\n');
});

test('a second migration has nothing to write', () => {
  const was = 'A=1\nVERSION=latest\nOLD=2\nP=\n';
  const example = 'A=2\nSHOP_VERSION=latest\nNEW=3\nTOKEN=\nS=1\n';
  const rules = {
    rename: { VERSION: 'SHOP_VERSION' },
    drop: ['OLD'],
    set: { S: 5 },
    secrets: { TOKEN: 'a $b' },
    unset: 'default' as const,
  };
  const { text } = migrated({ live: 'VERSION=7\nA=1\nOLD=2 # x\nB=1', was, example, rules });
  expect(text).toBe("SHOP_VERSION=7\nNEW=3\nTOKEN='a $b'\nS=5\nA=2\nB=1");
  for (const older of [was, example, undefined])
    expect(migrated({ live: text, was: older, example, rules }).text).toBe(text);
});

test.each([
  ['VERSION', 'SHOP_VERSION', true],
  ['DB_HOSTNAME', 'DB_HOST', true],
  ['REDIS_URL', 'REDIS_URI', true],
  ['A', 'B', false],
  ['DB_HOST', 'CACHE_TTL', false],
])('%s and %s are alike: %s', (one, other, alike) => expect(isAlike(one, other)).toBe(alike));

test.each(['', 'changeme', 'CHANGE_ME', '<your key>', 'your-api-key', 'xxxx', 'TODO', 'please-change-this'])(
  '%j stands for a value to be written',
  (value) => expect(needsValue(value)).toBe(true),
);
test.each(['latest', 'localhost', '0', 'postgres', 'http://x', 'unchanged', 5, false])('%j is a value', (value) =>
  expect(needsValue(value)).toBe(false),
);

test.each(['DB_PASSWORD', 'apiKey', 'auth.clientSecret', 'STRIPE_KEY', 'dsn', 'session-token'])(
  '%s names a secret',
  (key) => expect(isSecretKey(key)).toBe(true),
);
test.each(['PORT', 'monkey', 'database.host', 'TAG'])('%s names none', (key) => expect(isSecretKey(key)).toBe(false));

test('what looks like a setting of secrets is none itself', () => {
  expect(isInsecure('TOKEN_TTL', 'minutes')).toBe(false);
  expect(isInsecure('PASSWORD_LENGTH', '12')).toBe(false);
  expect(isInsecure('JWT_SECRET', '${OTHER_SECRET}')).toBe(false);
});

test('of a key that is written twice the last one counts, and all go', () => {
  expect(opened('A=1\nA=2\n').keys.get('A')?.value).toBe('2');
  expect(migrated({ live: 'A=1\nB=1\nA=2\n', example: 'B=1\n', rules: { drop: ['A'] } }).text).toBe('B=1\n');
});

test('keys may have the names that objects have', () => {
  const text = 'constructor=1\ntoString=2\n__proto__=3\n';
  expect(migrated({ live: text, was: text, example: text }).findings).toEqual([]);
  const rules = { rename: { toString: 'valueOf' } };
  expect(migrated({ live: text, example: text.replace('toString', 'valueOf'), rules }).text).toBe(
    text.replace('toString', 'valueOf'),
  );
});

test.each([
  ['shop.yaml', 'a: 1\nb:\n  c: x\n  d: [1]\n'],
  ['shop.json', '{\n  "a": 1,\n  "b": { "c": "x", "d": [1] }\n}\n'],
  ['shop.toml', 'a = 1\n[b]\nc = "x"\nd = [1]\n'],
  ['.env', '# the first\nA=1\nexport B="x y" # two\n'],
])('%s that does not exist yet gets all that the example has', (file, example) => {
  const made = opened(migrated({ live: '', example, file }).text, file);
  const values = ({ keys }: typeof made) => [...keys].map(([key, { value }]) => [key, value]);
  expect(values(made)).toEqual(values(opened(example, file)));
});
