import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examineGiven } from '../../src/cli/doctor/given';
import { projectWith } from '../compose/projects';
import { fakeRuntime } from '../fakes/fake-runtime';

const outside = { volumes: [{ type: 'volume', source: 'data', target: '/data' }] };
const secret = { secrets: [{ source: 'password' }] };
const more = {
  volumes: { data: { name: 'shop-data', external: true } },
  secrets: { password: { name: 'shop_password', file: '/nowhere/password' } },
};

type Asked = Pick<Parameters<typeof examineGiven>[0], 'compose' | 'services'> & { isWorker?: boolean };
const examined = (asked: Asked) => examineGiven({ runtime: fakeRuntime(), isWorker: true, ...asked });

test('what a release needs and does not make is asked for before the release', async () => {
  const compose = projectWith({ api: { ...outside, ...secret }, web: secret, other: {} }, more);
  const found = await examined({ compose, services: ['api', 'web'] });
  expect(found).toEqual([
    expect.objectContaining({ name: 'given', state: 'bad', text: expect.stringContaining('shop-data does not exist') }),
    expect.objectContaining({
      text: expect.stringContaining('/nowhere/password is not there'),
      todo: ['put the file there, or correct the path'],
    }),
  ]);
  expect(await examined({ compose, services: ['other'] })).toEqual([]);
});

describe('a secret that only its owner may read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-given-'));
  const file = join(folder, 'password');
  const { geteuid, seteuid } = process as Required<NodeJS.Process>;
  const compose = projectWith({ api: secret }, { secrets: { password: { name: 'p', file } } });

  beforeAll(() => writeFileSync(file, 'hunter22', { mode: 0o600 }));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs as another user; these tests run as root. */
  async function asNobody<T>(act: () => Promise<T>): Promise<T> {
    const own = geteuid();
    seteuid(65534);
    try {
      return await act();
    } finally {
      seteuid(own);
    }
  }

  test.each([
    [true, 'bad', 'cannot be read', 'let the user that runs the worker read it'],
    [false, 'warn', 'as the user that runs the worker', 'run doctor as that user to see whether it can'],
  ])('is told to another one, who runs a worker: %s', async (isWorker, state, text, todo) => {
    const found = await asNobody(() => examined({ compose, services: ['api'], isWorker }));
    expect(found).toMatchObject([{ state, text: expect.stringContaining(text), todo: [todo] }]);
  });
});
