import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { kindIn } from '../../src/backups';
import { poll } from '../../src/poll';
import { buildFromProgram, contentHash, imageExists } from '../../testbed/base-image';
import { planted } from '../../testbed/databases';
import { docker } from '../../testbed/docker';
import { projectRoot } from '../../testbed/root';
import { type SourceHarness, sourceContract } from '../contracts/source-contract';
import { never, openSite, type Site } from './site';

const server = join(projectRoot, 'testbed', 'qdrant', 'server.js');

/** An image of the stand-in, with the shell and the program that the real one has. */
async function standIn(): Promise<string> {
  const image = `belay-testbed/qdrant:${contentHash(process.version, process.arch, readFileSync(server))}`;
  if (await imageExists(image)) return image;
  const others = ['/bin/bash', '/bin/cat'];
  const lines = ['CMD ["node", "/app/server.js"]'];
  await buildFromProgram(image, {
    program: process.execPath,
    to: '/bin/node',
    others,
    files: { '/app/server.js': server },
    lines,
  });
  return image;
}

let site: Site;

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const script = `fetch('http://127.0.0.1:6333' + process.argv[1], {
    method: '${method}', headers: { 'api-key': process.env.QDRANT__SERVICE__API_KEY },
    body: process.argv[2] || undefined,
  }).then((answer) => answer.text()).then(console.log)`;
  const text = await docker([
    'exec',
    site.container,
    'node',
    '-e',
    script,
    path,
    body === undefined ? '' : JSON.stringify(body),
  ]);
  return JSON.parse(text).result;
}

const points = (from: number, count: number) => ({
  points: Array.from({ length: count }, (_, at) => ({
    id: from + at,
    vector: [at / 7, 1 / (at + 1)],
    payload: { at },
  })),
});

/** Prints the collections with their counts, and the aliases. */
const stateScript = `const headers = { 'api-key': process.env.QDRANT__SERVICE__API_KEY };
  const call = async (path, method = 'GET') =>
    (await (await fetch('http://127.0.0.1:6333' + path, { method, headers })).json()).result;
  (async () => {
    for (const { name } of (await call('/collections')).collections.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      console.log(name, await call('/collections/' + encodeURIComponent(name) + '/points/count', 'POST'));
    }
    console.log(await call('/aliases'));
  })();`;

async function open(): Promise<SourceHarness> {
  const image = await standIn();
  site = await openSite(
    () => ({ qdrant: { port: 6333 } }),
    (name) =>
      docker([
        'run',
        '--detach',
        '--name',
        name,
        '--network',
        'none',
        '--env',
        `QDRANT__SERVICE__API_KEY=${planted}`,
        image,
      ]),
  );
  const answers = () => site.source.facts(never).then(Boolean, () => false);
  expect(await poll({ until: answers, every: 100, within: 30_000 })).toBe(true);
  for (const name of ['docs', 'new & old ü']) await call('PUT', `/collections/${encodeURIComponent(name)}`);
  for (let from = 0; from < 2000; from += 500) await call('PUT', '/collections/docs/points', points(from, 500));
  await call('PUT', `/collections/${encodeURIComponent('new & old ü')}/points`, points(0, 3));
  await call('POST', '/collections/aliases', {
    actions: [{ create_alias: { alias_name: 'current', collection_name: 'docs' } }],
  });
  return {
    site,
    state: () => docker(['exec', site.container, 'node', '-e', stateScript]),
    lose: async () => {
      await call('DELETE', '/collections/docs');
      // A collection of the backup has the name of an alias by now, and one more came.
      await call('PUT', '/collections/other');
      await call('POST', '/collections/aliases', {
        actions: [{ create_alias: { alias_name: 'docs', collection_name: 'other' } }],
      });
    },
    beside: async () => JSON.stringify(await call('GET', '/collections/docs/snapshots')).replace('[]', ''),
    question: { query: 'current', first: '2000' },
  };
}

sourceContract('qdrant', open, () => {
  test('leaves no snapshot on the server', async () => {
    await site.make();
    expect(await call('GET', '/collections/docs/snapshots')).toEqual([]);
  });

  test('a wrong key is one clear message, and is never shown', async () => {
    const source = kindIn({ qdrant: { port: 6333 } }).kind.open(
      { port: 6333 },
      { ...site, password: 'mistaken-s3cret' },
    );
    const error = await source.facts(never).catch((caught) => caught);
    expect(error).toMatchObject({
      code: 'backup-failed',
      message: expect.stringMatching(/refused GET \/collections with 401: Must provide an API key/),
      hint: expect.stringContaining('correct the key'),
    });
    expect(inspect(error, { depth: 9 })).not.toContain('mistaken-s3cret');
  });

  test('a server that does not listen is told', async () => {
    const source = kindIn({ qdrant: { port: 6399 } }).kind.open({ port: 6399 }, site);
    await expect(source.facts(never)).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringMatching(/^Qdrant does not answer in .*Connection refused/s),
    });
  });
});
