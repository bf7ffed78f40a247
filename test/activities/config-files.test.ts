import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configWarnings } from '../../activities/planning/config-files';
import { openProject } from '../../src/project/project';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-config-'));
  write('belay.yaml', spec());
  write('.env', 'POOL=5\n');
  write('.env.base', 'POOL=5\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const spec = (rules = ''): string =>
  `platform: shop\nconfig: { .env: { from: .env.example${rules} } }\nservices: { api: { image: "shop/api:1" } }\n`;
const look = (files: Record<string, string> = {}): Promise<string[]> => configWarnings(openProject({ folder, files }));

test('a file that is at its example is not named', async () => {
  write('.env.example', 'POOL=5\n');
  expect(await look()).toEqual([]);
});

test('what belay migrate would change is said, by its keys alone', async () => {
  write('.env.example', 'POOL=5\nDB_PASSWORD_FILE=/run/secrets/db\n');
  expect(await look()).toEqual([
    '.env is not at .env.example yet (DB_PASSWORD_FILE): belay migrate --write takes it there',
  ]);
});

test('a new key that needs a value is refused before anything is changed', async () => {
  write('.env.example', 'POOL=5\nREGION=\n');
  await expect(look()).rejects.toMatchObject({ code: 'preflight-failed', message: '.env: REGION: needs a decision' });
  write('belay.yaml', spec(', set: { REGION: eu }'));
  expect(await look()).toEqual(['.env is not at .env.example yet (REGION): belay migrate --write takes it there']);
});

test('the example of a release that sends its files counts', async () => {
  write('.env.example', 'POOL=5\n');
  await expect(look({ '.env.example': 'POOL=5\nREGION=\n' })).rejects.toThrow('.env: REGION: needs a decision');
});

test('a file that cannot be compared is said, and does not stop the release', async () => {
  expect(await look()).toEqual([
    `.env: from: ${join(folder, '.env.example')} is not there: .env was not compared with .env.example`,
  ]);
});
