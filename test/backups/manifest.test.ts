import { looseIn } from '../../src/backups/catalog';
import { type Manifest, readManifest, writeManifest } from '../../src/backups/manifest';
import { folderOf } from '../../src/backups/pipeline';
import { answerIn } from '../../src/backups/sources/postgres';
import { namesOf } from '../../src/backups/sources/postgres-swap';

const manifest: Manifest = {
  format: 1,
  id: '20261129T221643123Z',
  platform: 'shop',
  service: 'db',
  kind: 'postgres',
  name: 'shop',
  started: '2026-11-29T22:16:43.123Z',
  ended: '2026-11-29T22:16:44.123Z',
  tools: { pg_dump: 'pg_dump (PostgreSQL) 15.18' },
  image: 'sha256:0123',
  file: '20261129T221643123Z.dump',
  bytes: { dumped: 10, stored: 10 },
  sha256: 'ab',
  compression: 'own',
  recipients: [],
  verified: { at: '2026-11-29T23:00:00.000Z', seconds: 1.5, rows: 1, first: '7' },
};

describe('a manifest', () => {
  test('is read as it was written', () => {
    expect(readManifest(writeManifest(manifest), 'a.json')).toEqual(manifest);
  });

  test('is refused with any changed byte', () => {
    const text = writeManifest(manifest);
    for (let at = 0; at < text.length; at++) {
      const changed = `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ 1)}${text.slice(at + 1)}`;
      const isSame = (() => {
        try {
          return JSON.stringify(JSON.parse(changed)) === JSON.stringify(JSON.parse(text));
        } catch {
          return false;
        }
      })();
      if (isSame) continue; // A space between its words.
      expect(() => readManifest(changed, 'a.json')).toThrow(/a\.json/);
    }
  });

  test('is refused in half, and of a later format by name', () => {
    const damaged = (text: string, words: RegExp) =>
      expect(() => readManifest(text, 'shop/a.json')).toThrow(
        expect.objectContaining({ message: expect.stringMatching(words) }),
      );
    damaged(
      writeManifest(manifest).slice(0, 200),
      /^the manifest shop\/a\.json cannot be used: it is not complete JSON/,
    );
    damaged('{"format": 2}', /^shop\/a\.json was written by a newer Belay \(format 2\)/);
    damaged('{"format": 1}', /^the manifest shop\/a\.json cannot be used: /);
  });
});

test('files without a manifest are loose', () => {
  expect(looseIn(['a.json', 'a.dump', 'b.dump', 'c.dump.age.part', 'd.json', 'd.json.part'])).toEqual([
    'b.dump',
    'c.dump.age.part',
    'd.json.part',
  ]);
});

test('a row of backups has a folder', () => {
  expect(folderOf(manifest)).toBe('shop/db/postgres-shop');
});

test('names of databases beside the live one fit into 63 bytes', () => {
  expect(namesOf('shop', '20261129T221643123Z')).toEqual({
    live: 'shop',
    fresh: 'shop_new_20261129t221643123z',
    former: 'shop_before_20261129t221643123z',
  });
  const { fresh, former } = namesOf('ü'.repeat(31), '20261129T221643123Z');
  for (const name of [fresh, former]) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
});

test('an answer of psql is counted by its records', () => {
  expect(answerIn('a\nb\t2\0c\t3\0')).toEqual({ rows: 2, first: 'a\nb' });
  expect(answerIn('')).toEqual({ rows: 0, first: undefined });
  expect(answerIn('\0')).toEqual({ rows: 1, first: '' });
});
