import { checkNeed, type NeedCheck } from '../../src/probes';
import { freePort, unknownHost } from '../../testbed/port';
import { http, serving, tcp } from '../contracts/probe-contract';

const ask = (text: string, more: Partial<NeedCheck> = {}) =>
  checkNeed({ kind: 'qdrant', text, timeout: 3000, ...more });
const not = (why: string) => ({ healthy: false, why });
const key = 'it-is-a-s3cret';

/** Answers as Qdrant's documented API: its readiness needs no key. */
const qdrant = (ready = 200) =>
  http(({ url, headers }, response) => {
    if (url === '/readyz') return void response.writeHead(ready).end();
    const known = ['/collections', '/collections/two%20words'].includes(url!);
    response.writeHead(headers['api-key'] !== key ? 401 : known ? 200 : 404).end();
  });

test('is met by one that is ready, that takes the key, and that has the collection', async () => {
  await serving(qdrant(), async (port) => {
    expect(await ask(`http://127.0.0.1:${port}`)).toEqual({ healthy: true });
    const text = `http://:${key}@${unknownHost}:${port}/`;
    expect(await ask(text, { address: '127.0.0.1' })).toEqual({ healthy: true });
    expect(await ask(text, { address: '127.0.0.1', collection: 'two words' })).toEqual({ healthy: true });
    expect(await ask(text)).toEqual(not('the name of its host is not known here'));
  });
});

test('is not met by one that is not ready, that refuses the key, or that lacks the collection', async () => {
  await serving(qdrant(503), async (port) => {
    expect(await ask(`http://127.0.0.1:${port}`)).toEqual(not('answered 503, not 200'));
  });
  await serving(qdrant(), async (port) => {
    const refused = not('it refuses the key, or wants one');
    expect(await ask(`http://:wrong@127.0.0.1:${port}`)).toEqual(refused);
    expect(await ask(`http://127.0.0.1:${port}`, { collection: 'two words' })).toEqual(refused);
    const without = not('it has no such collection');
    expect(await ask(`http://:${key}@127.0.0.1:${port}`, { collection: 'docs' })).toEqual(without);
    const never = not('its key has a character that no header takes');
    expect(await ask(`http://:${encodeURIComponent('a\nb')}@127.0.0.1:${port}`)).toEqual(never);
  });
});

test('is not met where nobody listens, and where nobody answers', async () => {
  expect(await ask(`http://127.0.0.1:${await freePort()}`)).toEqual(not('connection refused'));
  const silent = tcp(() => undefined);
  const asking = serving(silent, (port) => ask(`http://127.0.0.1:${port}`, { timeout: 200 }));
  expect(await asking).toEqual(not('no answer within 200ms'));
});
