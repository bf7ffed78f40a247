import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentDigest, secretTexts } from '../../src/runtimes/docker/compose/contents';
import { unseenFiles } from '../../src/runtimes/docker/compose/mounted-files';
import { projectFolder } from './folder';
import { projectWith } from './projects';

describe('the digest of what a service is given', () => {
  let folder: string;
  let remove: () => void;
  beforeEach(() => {
    const made = projectFolder({ key: 'a key', settings: 'some settings' });
    ({ folder, remove } = made);
  });
  afterEach(() => remove());

  const project = (WORD = 'word', profile = '{}') =>
    projectWith(
      {
        api: {
          secrets: [{ source: 'key' }, { source: 'word' }],
          configs: [{ source: 'settings' }],
          security_opt: ['seccomp=p.json'],
        },
        plain: {},
      },
      {
        secrets: { key: { file: join(folder, 'key') }, word: { environment: 'WORD' } },
        configs: { settings: { file: join(folder, 'settings') } },
        given: { variables: { WORD }, profiles: { 'p.json': profile }, proxies: {} },
      },
    );
  const digest = () => contentDigest(project(), 'api');

  test('is another one when a file is edited, and the same when it is edited back', async () => {
    const before = await digest();
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    for (const name of ['key', 'settings']) {
      writeFileSync(join(folder, name), 'edited');
      expect(await digest()).not.toBe(before);
      writeFileSync(join(folder, name), name === 'key' ? 'a key' : 'some settings');
      expect(await digest()).toBe(before);
    }
  });

  test('is another one with another variable, and with another profile', async () => {
    expect(await contentDigest(project('other'), 'api')).not.toBe(await digest());
    expect(await contentDigest(project('word', '{"a":1}'), 'api')).not.toBe(await digest());
  });

  test('is empty for a service that is given nothing', async () => {
    expect(await contentDigest(project(), 'plain')).toBe('');
  });

  test('leaves folders out, and names a file that is missing', async () => {
    rmSync(join(folder, 'key'));
    await expect(digest()).rejects.toMatchObject({
      code: 'compose-invalid',
      message: `compose.yaml secrets.key.file: ${join(folder, 'key')} is not there`,
    });
    mkdirSync(join(folder, 'key'));
    const before = await digest();
    writeFileSync(join(folder, 'key', 'inside'), 'x');
    expect(await digest()).toBe(before);
  });

  test('is made of secrets, whose texts are told to be hidden', async () => {
    expect(await secretTexts(project(), ['api', 'plain'])).toEqual({ WORD: 'word', key: 'a key' });
  });
});

test('what is edited unseen: folders, also as secrets, configs and by a volume’s driver, and files that the service writes', async () => {
  const { folder, remove } = projectFolder({ 'in/file': 'x', key: 'a key', own: 'x' });
  const project = projectWith(
    {
      api: {
        secrets: [{ source: 'key' }, { source: 'keys' }],
        configs: [{ source: 'all' }],
        volumes: [
          { type: 'volume', source: 'bound', target: '/bound' },
          { type: 'volume', source: 'named', target: '/named' },
          { type: 'bind', source: join(folder, 'own'), target: '/own' },
        ],
      },
    },
    {
      secrets: { key: { file: join(folder, 'key') }, keys: { file: join(folder, 'in') } },
      configs: { all: { file: join(folder, 'in') } },
      volumes: {
        bound: { name: 'shop_bound', driver_opts: { type: 'none', o: 'bind,ro', device: join(folder, 'in') } },
        named: { name: 'shop_named' },
      },
    },
  );
  const found = await unseenFiles(project, 'api');
  remove();
  expect(found.map(({ source, why }) => [source.slice(folder.length + 1), why])).toEqual([
    ['own', 'writable'],
    ...Array(3).fill(['in', 'a folder']),
  ]);
});
