import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestOf, forgetProjects, keepProject, keptFiles, keptProject } from '../../src/hosts/kept-projects';
import { modeOf, useHome } from './support';

const home = useHome();
const of = (platform: string) => ({ home: home.path(), platform });
const keep = (digest: string, platform = 'shop') => keepProject({ ...of(platform), digest, project: { digest } });
const kept = (digest: string, platform = 'shop') => keptProject({ ...of(platform), digest });

test('is found by just what was read, of its own platform, and by its owner alone', async () => {
  await keep('a');
  expect(await kept('a')).toEqual({ digest: 'a' });
  expect(await kept('b')).toBeUndefined();
  expect(await kept('a', 'other')).toBeUndefined();
  const [file] = await keptFiles(of('shop'));
  expect(modeOf(file!)).toBe('600');
  expect(modeOf(dirname(file!))).toBe('700');
});

test('takes the place of what was kept before, and of no other platform', async () => {
  await keep('a');
  await keep('a', 'other');
  await keep('b');
  expect(await kept('a')).toBeUndefined();
  expect(await kept('a', 'other')).toEqual({ digest: 'a' });
});

test('leaves alone what another process is writing, and takes all of it away in the end', async () => {
  const folder = join(home.path(), 'projects', 'shop');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'b.json.0123456789ab.tmp'), '{');
  await keep('a');
  expect(readdirSync(folder)).toEqual(['a.json', 'b.json.0123456789ab.tmp']);
  await forgetProjects(of('shop'));
  expect(await keptFiles(of('shop'))).toEqual([]);
});

test('fails nobody where one release begins as another one ends', async () => {
  for (let round = 0; round < 30; round++) await Promise.all([keep('a'), forgetProjects(of('shop')), keep('b')]);
  await forgetProjects(of('shop'));
  expect(await keptFiles(of('shop'))).toEqual([]);
});

test('has a name of which no value can be tried out', async () => {
  const digest = await digestOf(home.path(), { PASSWORD: 'hunter22' });
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(await digestOf(home.path(), { PASSWORD: 'hunter22' })).toBe(digest);
  expect(await digestOf(join(home.path(), 'elsewhere'), { PASSWORD: 'hunter22' })).not.toBe(digest);
});
