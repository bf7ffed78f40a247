import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askersOf, listeningPorts } from '../../src/runtimes/docker/compose/listening';
import { mountedTexts } from '../../src/runtimes/docker/compose/mounted-texts';
import type { ComposeService } from '../../src/runtimes/docker/compose/project';
import { projectWith } from './projects';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-texts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string | Buffer) => {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
};
const bind = (source: string) => ({ type: 'bind', source: join(folder, source), target: '/x' });
const textsOf = async (other: ComposeService, more = {}) => {
  const project = projectWith({ api: {}, other }, { folder, ...more });
  return { project, texts: await mountedTexts(project) };
};
const pathsOf = async (other: ComposeService, more = {}) =>
  (await textsOf(other, more)).texts.other?.map(({ path }) => path).sort();

test('reads single files of any name, and configuration in folders', async () => {
  file('odd', 'a');
  file('conf/nginx.conf', 'a');
  file('conf/sites/api.conf', 'a');
  file('conf/picture.png', 'a');
  file('Caddyfile', 'a');
  const volumes = [bind('odd'), bind('conf'), bind('Caddyfile'), { type: 'volume', source: 'data', target: '/d' }];
  expect(await pathsOf({ volumes })).toEqual(['Caddyfile', 'conf/nginx.conf', 'conf/sites/api.conf', 'odd']);
});

test('leaves out what is large, binary, missing, or no file', async () => {
  file('large.yml', 'a'.repeat(300_000));
  file('binary.conf', Buffer.from([1, 0, 2]));
  symlinkSync('/dev/zero', join(folder, 'zero.conf'));
  const volumes = ['large.yml', 'binary.conf', 'zero.conf', 'missing.yml'].map(bind);
  expect(await pathsOf({ volumes })).toEqual([]);
  expect(await pathsOf({ volumes: [bind('.')] })).toEqual([]);
});

test('reads no more of a large folder than a few files', async () => {
  for (let index = 0; index < 70; index++) file(`many/${index}.yml`, 'a');
  expect((await pathsOf({ volumes: [bind('many')] }))?.length).toBe(50);
});

test('reads configs of Compose, by their content too', async () => {
  file('prometheus.yml', 'a');
  const configs = { scrape: { file: join(folder, 'prometheus.yml') }, own: { content: 'b' } };
  const uses = [{ source: 'scrape' }, { source: 'own' }];
  expect(await pathsOf({ configs: uses }, { configs })).toEqual(['own', 'prometheus.yml']);
});

test('finds the port that a configuration file asks, and who asks it', async () => {
  file('prometheus.yml', "- targets: ['api:9100']\n  # api:9200 was its former port\n  image: shop/api:3\n");
  const { project, texts } = await textsOf({
    volumes: [bind('prometheus.yml')],
    environment: { API: 'http://api:8080' },
  });
  expect([...askersOf(project, 'api', texts)]).toEqual([
    [8080, ['other']],
    [9100, ['other (prometheus.yml)']],
  ]);
  expect(listeningPorts(project, 'api', texts).map(({ port }) => port)).toEqual([8080, 9100]);
});

test('is not slowed down by a line without an end', async () => {
  file('blob.json', `"${'a'.repeat(200_000)}"\n${'\n'.repeat(50_000)}api:9100`);
  const { project, texts } = await textsOf({ volumes: [bind('blob.json')] });
  expect([...askersOf(project, 'api', texts).keys()]).toEqual([9100]);
});
