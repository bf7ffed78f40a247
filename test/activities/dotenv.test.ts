import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dotenv, openProject } from '../../src/project/project';

test('values of env files are known as Compose reads them, so that they are masked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-dotenv-'));
  writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\nservices: { api: { image: "shop/api:1" } }\n');
  writeFileSync(join(folder, '.env'), 'PW=sesame-open # of the database\nTOKEN="a\\"b c"\nexport KEY: plain\n');
  try {
    expect(dotenv(openProject({ folder, files: {} }))).toEqual({ PW: 'sesame-open', TOKEN: 'a"b c', KEY: 'plain' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
