import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { kindIn } from '../../src/backups';
import type { Source } from '../../src/backups/source';
import { readBy, variableOf } from '../../src/backups/sources/tool';
import { planted } from '../../testbed/databases';
import { docker } from '../../testbed/docker';
import { never, openSite } from './site';

/** Everything of an error that a log could show. */
const shown = (error: unknown): string => `${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`;

const errorOf = async (source: Source, signal = never): Promise<Error> =>
  source.facts(signal).then(
    () => Promise.reject(new Error('it succeeded')),
    (error) => error,
  );

const mistaken = 'mistaken-s3cret';

test.each([
  { kind: 'mariadb', backup: { mysql: { user: 'root' } }, words: /Access denied for user 'root'@'localhost'/ },
  { kind: 'redis', backup: { redis: { data: '/data' } }, words: /WRONGPASS/ },
] as const)('a wrong password is one clear message, and is never shown ($kind)', async ({ kind, backup, words }) => {
  const site = await openSite(() => backup, kind);
  try {
    const { kind: entry, asked } = kindIn(backup);
    const error = await errorOf(entry.open(asked, { ...site, password: mistaken }));
    expect(error).toMatchObject({
      code: 'backup-failed',
      message: expect.stringMatching(words),
      hint: expect.stringContaining('correct user and password'),
    });
    expect(shown(error)).not.toContain(mistaken);
    expect(await docker(['inspect', site.container])).not.toContain(mistaken);
    const before = site.files();
    await expect(site.make({ source: entry.open(asked, { ...site, password: mistaken }) })).rejects.toThrow(words);
    expect(site.files()).toEqual(before);
    expect(shown(await errorOf(entry.open(asked, { ...site, container: 'bt-backup-none' })))).not.toContain(planted);
  } finally {
    await site.close();
  }
});

test('a password that an image takes from a file is read there', async () => {
  const site = await openSite(
    () => ({ redis: { data: '/data' } }),
    (name) =>
      docker(['create', '--name', name, '--volume', `${__filename}:/run/secrets/password:ro`, 'shannon/redis:7']),
  );
  try {
    const names = ['REDISCLI_AUTH', 'REDIS_PASSWORD'];
    const environment = { REDIS_PASSWORD_FILE: '/run/secrets/password' };
    const found = await variableOf({ environment }, names, readBy(site, never));
    expect(`${found}\n`).toBe(readFileSync(__filename, 'utf8'));
  } finally {
    await site.close();
  }
});
