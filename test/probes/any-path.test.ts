import type { DesiredCheck } from '../../src/model/desired';
import { probe } from '../../src/probes';
import { anyPathNote } from '../../src/probes/any-path';
import { check, http, instanceAt, serving } from '../contracts/probe-contract';

const ready = check({ http: '/ready', port: 8080 });

/** Returns the note, and the paths asked, for a server that answers 200 at these paths. */
async function noteOf(answers: (path: string) => boolean, more: Partial<DesiredCheck> = {}) {
  const paths: string[] = [];
  const server = http(({ url = '' }, response) => {
    paths.push(url);
    response.writeHead(answers(url) ? 200 : 404).end();
  });
  const note = await serving(server, (port) =>
    anyPathNote(probe, { instance: instanceAt(port), check: { ...ready, ...more } }),
  );
  return { note, paths };
}

test('a server that answers alike to anything is told by one request to another path', async () => {
  const { note, paths } = await noteOf(() => true);
  expect(note).toBe('answers any path as well as /ready, so the check proves little');
  expect(paths).toEqual([expect.stringMatching(/^\/[0-9a-f-]{36}$/)]);
});

test('a server that knows its paths is not', async () => {
  const { note, paths } = await noteOf((path) => path === '/ready');
  expect(note).toBeUndefined();
  expect(paths).toHaveLength(1);
});

test('a server that answers alike to anything below a folder is told by a second request, beside the path of the check', async () => {
  const deep = { http: '/a/g?full=/1' };
  const { note, paths } = await noteOf((path) => path.startsWith('/a/'), deep);
  expect(note).toBe('answers any path below /a/ as well as /a/g?full=/1, so the check may prove little');
  expect(paths).toEqual([expect.stringMatching(/^\/[0-9a-f-]{36}$/), expect.stringMatching(/^\/a\/[0-9a-f-]{36}$/)]);
  expect((await noteOf((path) => path === deep.http, deep)).note).toBeUndefined();
});

test('a check of the body, and one that is not http, ask nothing', async () => {
  expect(await noteOf(() => true, { json: { status: 'UP' } })).toEqual({ note: undefined, paths: [] });
  expect(await noteOf(() => true, { http: undefined, tcp: 8080 })).toEqual({ note: undefined, paths: [] });
});
