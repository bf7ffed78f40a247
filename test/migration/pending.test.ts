import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadExample } from '../../src/migration/open';
import { leftWarning } from '../../src/migration/pending';
import { openReleased } from '../../src/migration/released';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-config-'));
  write('belay.yaml', spec());
  write('.env', 'POOL=5\n');
  write('.env.base', 'POOL=5\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const spec = (rules = '', service = 'image: "shop/api:1"'): string =>
  `platform: shop\nconfig: { .env: { from: .env.example${rules} } }\nservices: { api: { ${service} } }\n`;
const open = (files: Record<string, string> = {}) => openReleased({ folder, files }, inImage);
const inImage: ReadExample = async ({ service, path }) => `POOL=5\nIMAGE=${service}${path}\n`;
const nothing = { files: [], warnings: [] };

test('a file that is at its example stays as it is', async () => {
  write('.env.example', 'POOL=5\n');
  const { project, pending } = await open();
  expect(pending).toEqual(nothing);
  expect(project.overlay).toEqual({});
});

test('the project is read with the file as the release will have written it', async () => {
  write('.env.example', 'POOL=5\nDB_PASSWORD_FILE=/run/secrets/db\n');
  const text = 'POOL=5\nDB_PASSWORD_FILE=/run/secrets/db\n';
  const { project, pending } = await open();
  expect(pending).toEqual({
    files: [{ name: '.env', from: '.env.example', text, keys: ['DB_PASSWORD_FILE'] }],
    warnings: [],
  });
  expect(project.overlay).toEqual({ '.env': text });
  expect(leftWarning(pending.files[0]!)).toBe(
    '.env is not at .env.example yet (DB_PASSWORD_FILE): belay migrate --write takes it there',
  );
});

test('a file that is not there is to be created, also where the spec names it as env file', async () => {
  rmSync(join(folder, '.env'));
  write('.env.example', 'POOL=5\n');
  write('belay.yaml', `env_files: [.env]\n${spec()}`);
  const { pending } = await open();
  expect(pending.files).toMatchObject([{ text: 'POOL=5\n' }]);
});

test('a new key that needs a value is refused before anything is changed', async () => {
  write('.env.example', 'POOL=5\nREGION=\n');
  await expect(open()).rejects.toMatchObject({
    code: 'preflight-failed',
    message: expect.stringMatching(/^\.env: REGION needs a decision: write REGION into \.env/),
  });
  write('belay.yaml', spec(', set: { REGION: eu }'));
  expect((await open()).project.overlay).toEqual({ '.env': 'POOL=5\nREGION=eu\n' });
});

test('a file without a former example is taken to the new one, and a warning says what is not seen', async () => {
  rmSync(join(folder, '.env.base'));
  write('.env.example', 'POOL=7\nSIZE=1\n');
  const { files, warnings } = (await open()).pending;
  expect(files).toMatchObject([{ text: 'POOL=5\nSIZE=1\n' }]);
  expect(warnings).toEqual([
    '.env: there is no former example (.env.base), so changed defaults are not seen: belay migrate --write keeps one for the next version',
  ]);
});

test('the example of a release that sends its files counts', async () => {
  write('.env.example', 'POOL=5\n');
  await expect(open({ '.env.example': 'POOL=5\nREGION=\n' })).rejects.toThrow('.env: REGION needs a decision');
});

test('a file that cannot be compared is said, and does not stop the release', async () => {
  expect((await open()).pending).toEqual({
    files: [],
    warnings: [`.env: from: ${join(folder, '.env.example')} is not there: .env was not compared with .env.example`],
  });
});

test('a file that the Compose file names by its absolute path stays too', async () => {
  write('.env.example', 'POOL=5\nSIZE=1\n');
  write('compose.yaml', `services: { api: { image: "shop/api:1", env_file: "${join(folder, '.env')}" } }\n`);
  write('belay.yaml', `compose: compose.yaml\n${spec('', '')}`);
  expect((await open()).pending.files).toEqual([]);
  write('compose.yaml', `services: { api: { image: "shop/api:1", env_file: .env } }\n`);
  expect((await open()).pending.files).toMatchObject([{ name: '.env' }]);
});

test('the example in the image of a service counts', async () => {
  write(
    'belay.yaml',
    'platform: shop\nconfig: { .env: { image: api, from: /a.env } }\nservices: { api: { image: "shop/api:1" } }\n',
  );
  expect((await open()).pending.files).toMatchObject([
    { from: 'api:/a.env', text: 'POOL=5\nIMAGE=api/a.env\n', keys: ['IMAGE'] },
  ]);
});

test('where a service is a unit of systemd the file stays, and a warning says so', async () => {
  write('.env.example', 'POOL=5\nSIZE=1\n');
  write('belay.yaml', spec('', 'runtime: systemd, unit: api.service'));
  const { project, pending } = await open();
  expect(pending).toEqual({
    files: [],
    warnings: ['.env is not at .env.example yet (SIZE): belay migrate --write takes it there'],
  });
  expect(project.overlay).toEqual({});
});
