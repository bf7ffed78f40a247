import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { hostPaths } from '../../src/hosts/home';
import { hasLastingName, hmacKey, hostName } from '../../src/hosts/machine';
import { endAll, modeOf, start, useHome } from './support';

const home = useHome();
afterEach(endAll);
const named = (id: string) => `host-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;

describe('the name of the host', () => {
  const id = '0123456789abcdef0123456789abcdef';
  const file = (name: string, text: string) => {
    writeFileSync(join(home.path(), name), text);
    return join(home.path(), name);
  };

  test('comes from the machine id', () => {
    expect(hostName([file('etc', `${id}\n`), file('dbus', 'f'.repeat(32))])).toBe(named(id));
    expect(hostName()).toMatch(/^host-[0-9a-f]{8}$/);
  });

  test('comes from the second file, or from the network name, where the first says nothing', () => {
    expect(hostName([file('etc', 'uninitialized\n'), file('dbus', id)])).toBe(named(id));
    expect(hostName(['/nowhere/machine-id', file('empty', '')])).toBe(named(hostname()));
  });

  test('does not last in a container without a machine id', () => {
    const mark = file('dockerenv', '');
    expect(hasLastingName({ ids: ['/nowhere'], marks: [mark] })).toBe(false);
    expect(hasLastingName({ ids: [file('etc', id)], marks: [mark] })).toBe(true);
    expect(hasLastingName({ ids: ['/nowhere'], marks: ['/nowhere'] })).toBe(true);
  });
});

describe('the key', () => {
  test('is made once, for its owner only', async () => {
    const key = await hmacKey(join(home.path(), 'new'));
    expect(key).toHaveLength(32);
    await expect(hmacKey(join(home.path(), 'new'))).resolves.toEqual(key);
    expect(modeOf(join(home.path(), 'new', 'key'))).toBe('600');
    expect(modeOf(join(home.path(), 'new'))).toBe('700');
  });

  test('is one for everybody who asks first, and leaves nothing beside it', async () => {
    const programs = [1, 2, 3].map(() => start('make-key.ts', home.path()));
    await Promise.all(programs.map((program) => program.line()));
    const keys = Promise.all(programs.map((program) => program.line()));
    for (const program of programs) program.child.stdin!.write('go\n');
    const here = await Promise.all(Array.from({ length: 10 }, () => hmacKey(home.path())));
    expect(new Set([...(await keys), ...here.map((key) => key.toString('hex'))]).size).toBe(1);
    await Promise.all(programs.map((program) => program.ended));
    expect(readdirSync(home.path())).toEqual(['key']);
  });

  test('that is damaged is refused', async () => {
    writeFileSync(hostPaths(home.path()).key, 'short');
    await expect(hmacKey(home.path())).rejects.toMatchObject({
      code: 'ledger-damaged',
      hint: expect.stringContaining('delete it'),
    });
  });
});
