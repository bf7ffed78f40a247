import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCompose } from '../../src/runtimes/docker/compose/compose-config';
import { contentDigest } from '../../src/runtimes/docker/compose/contents';
import { withShadow } from '../../src/runtimes/docker/compose/shadow';
import { projectFolder, writeProject } from './folder';

const compose = `
include: [{ path: parts/db.yaml, env_file: parts/.env }]
services:
  api:
    image: shop/api:\${SHOP_VERSION:?the version}
    env_file: [.env, ../common.env]
    environment: { FOLDER: "\${PWD}" }
    volumes:
      - { type: bind, source: config/shop.yaml, target: /app/shop.yaml, read_only: true }
      - ../shared:/shared
    configs: [limits]
    extends: { file: ../base.yaml, service: base }
configs: { limits: { file: config/limits.json } }
`;
const files = {
  'shop/compose.yaml': compose,
  'shop/.env': 'SHOP_VERSION=1\nPOOL=5\n',
  'shop/parts/db.yaml': `services: { db: { image: "db:\${DB}", volumes: [./data:/data] } }\n`,
  'shop/parts/.env': 'DB=1\n',
  'shop/config/shop.yaml': 'pool: 5\n',
  'common.env': 'TZ=UTC\n',
  'base.yaml': 'services: { base: { volumes: [./base:/base], labels: { from: base } } }\n',
};
const overlay = {
  '.env': 'SHOP_VERSION=2\nSIZE=7\n',
  'parts/.env': 'DB=2\n',
  'config/shop.yaml': 'pool: 6\n',
  'config/limits.json': '{}\n',
};

let made: ReturnType<typeof projectFolder>;
let folder: string;
beforeEach(() => {
  made = projectFolder(files);
  folder = join(made.folder, 'shop');
});
afterEach(() => made.remove());

const digests = async (project: Awaited<ReturnType<typeof readCompose>>) =>
  await Promise.all(['api', 'db'].map((name) => contentDigest(project, name)));

test('Compose reads the texts as if they were written: paths, hashes and contents are the same', async () => {
  const source = { folder, file: 'compose.yaml', ask: { names: ['SIZE'], texts: [`\${SHOP_VERSION}`] } };
  const { overlay: texts, ...before } = await readCompose({ ...source, overlay });
  expect(Object.keys(texts!)).toContain(join(folder, 'config/limits.json'));
  const digestsBefore = await digests({ ...before, overlay: texts });
  writeProject(folder, overlay);
  const after = await readCompose(source);
  expect(before).toEqual(after);
  expect(after.services.api).toMatchObject({ image: 'shop/api:2', environment: { SIZE: '7', FOLDER: folder } });
  expect(after.services.db).toMatchObject({ image: 'db:2' });
  expect(digestsBefore).toEqual(await digests(after));
});

test('an error names the real files', async () => {
  const given = { ...overlay, '.env': 'POOL=5\n' };
  const error = await readCompose({ folder, file: 'compose.yaml', overlay: given }).catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'compose-invalid', message: expect.stringContaining('the version') });
  expect(JSON.stringify(error)).not.toContain('belay-shadow-');
});

test('nothing is left of the folder that Compose reads', async () => {
  let shadow = '';
  const end = withShadow({ folder, overlay }, async (given) => {
    shadow = given;
    expect(existsSync(join(shadow, 'compose.yaml'))).toBe(true);
    throw new Error('it ended');
  });
  await expect(end).rejects.toThrow('it ended');
  expect(existsSync(shadow)).toBe(false);
  expect(existsSync(join(folder, 'compose.yaml'))).toBe(true);
});
