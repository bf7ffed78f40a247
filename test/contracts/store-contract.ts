import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../src/backups';
import { textOf } from '../../src/backups/sources/tool';

const never: AbortSignal = new AbortController().signal;

async function* data(...pieces: Array<string | Uint8Array | Error>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  }
}

/** The promises of a place for backups, whose files stand in a folder of this machine. */
export function storeContract(kind: string, open: (folder: string) => Store): void {
  describe(`a store (${kind})`, () => {
    let folder: string;
    let store: Store;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'belay-store-'));
      store = open(folder);
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const names = async (path = 'shop/db') => (await store.list(path, never)).map(({ name }) => name);

    test('keeps a file, lists it, replaces it and removes it', async () => {
      expect(await names()).toEqual([]);
      await store.put('shop/db/b', data('two ', 'pieces'), never);
      await store.put('shop/db/a', data('first'), never);
      await store.put('shop/db/a', data('second'), never);
      expect(await store.list('shop/db', never)).toEqual([
        { name: 'a', bytes: 6 },
        { name: 'b', bytes: 10 },
      ]);
      expect(await textOf(store.get('shop/db/b', never))).toBe('two pieces');
      expect(readFileSync(join(folder, 'shop/db/a'), 'utf8')).toBe('second');
      for (const _ of [1, 2]) await store.remove('shop/db/b', never);
      expect(await names()).toEqual(['a']);
    });

    test('tells that a file can be written, also where the folder is yet to be made', async () => {
      expect((await store.ready('shop/db', never)).free ?? 1).toBeGreaterThan(0);
      expect(await names()).toEqual([]);
    });

    test('keeps the former file where the data fails, and nothing else', async () => {
      await store.put('shop/db/a', data('former'), never);
      const broken = data('half of it', new Error('the dump broke'));
      await expect(store.put('shop/db/a', broken, never)).rejects.toThrow('the dump broke');
      expect(await names()).toEqual(['a']);
      expect(await textOf(store.get('shop/db/a', never))).toBe('former');
    });

    test('leaves nothing when it is called off', async () => {
      const calledOff = new AbortController();
      const endless = async function* () {
        for (let i = 0; ; i++) {
          if (i === 100) calledOff.abort(new Error('called off'));
          yield Buffer.alloc(65_536);
        }
      };
      await expect(store.put('shop/db/a', endless(), calledOff.signal)).rejects.toThrow('called off');
      expect(await names()).toEqual([]);
    });

    test('says that a file is missing', async () => {
      await store.put('shop/db/a', data('x'), never);
      const missing = { code: 'backup-damaged', message: expect.stringMatching(/shop\/db\/b is missing/) };
      await expect(textOf(store.get('shop/db/b', never))).rejects.toMatchObject(missing);
      await expect(textOf(store.get('shop/other/b', never))).rejects.toMatchObject({ code: 'backup-damaged' });
    });

    test('says that the disk is full, and leaves nothing on it', async () => {
      const small = join(folder, 'small');
      mkdirSync(small);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', small]);
      try {
        const much = data(...Array.from({ length: 64 }, () => Buffer.alloc(65_536, 'x')));
        await expect(open(small).put('shop/db/a', much, never)).rejects.toMatchObject({
          code: 'disk-full',
          message: expect.stringMatching(/no space left on device|the disk is full/),
        });
        expect(await open(small).list('shop/db', never)).toEqual([]);
      } finally {
        execFileSync('umount', [small]);
      }
    });

    test('refuses a path that leads out of it', async () => {
      for (const path of ['../a', 'shop//a', '/etc/a', '-a', 'shop/.hidden']) {
        await expect(store.put(path, data('x'), never)).rejects.toMatchObject({ code: 'input-invalid' });
      }
    });
  });
}
