import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore, rcloneStore } from '../../src/backups';
import { storeContract } from '../contracts/store-contract';
import { never } from './site';

const folder = mkdtempSync(join(tmpdir(), 'belay-rclone-'));
process.env.RCLONE_CONFIG = join(folder, 'rclone.conf');
writeFileSync(process.env.RCLONE_CONFIG, '[offsite]\ntype = local\n');

afterAll(() => rmSync(folder, { recursive: true }));

storeContract('folder', (folder) => folderStore({ folder }));
storeContract('rclone', (folder) => rcloneStore({ remote: `offsite:${folder}` }));

test.each(['/proc/nt', '/sys/nt'])('a folder below %s is refused, and nothing waits for it', async (place) => {
  const store = folderStore({ folder: place });
  const refusal = { code: 'preflight-failed', message: expect.stringContaining('is of the kernel') };
  await expect(store.ready('shop/db', never)).rejects.toMatchObject(refusal);
  await expect(store.put('shop/db/file', bytes(), never)).rejects.toThrow();
});

async function* bytes() {
  yield Buffer.from('x');
}

test('a remote that rclone does not know is named', async () => {
  await expect(rcloneStore({ remote: 'nowhere:shop' }).list('shop', never)).rejects.toMatchObject({
    code: 'input-invalid',
    message: 'rclone has no remote nowhere',
    hint: expect.stringContaining('rclone listremotes'),
  });
});

test('a machine without rclone is told what is missing', async () => {
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    await expect(rcloneStore({ remote: 'offsite:' }).list('shop', never)).rejects.toMatchObject({
      code: 'preflight-failed',
      message: 'rclone is not installed on this machine',
    });
  } finally {
    process.env.PATH = PATH;
  }
});
