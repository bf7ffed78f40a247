import { examineRedirects } from '../../src/cli/doctor/redirects';

const look = (possible: boolean, { publishes = true, env = {} } = {}) =>
  examineRedirects({ env, publishes: async () => publishes, redirects: { possible: async () => possible } });

/** Only root can tell for a worker that is root. */
const asRoot = (uid: number) => jest.spyOn(process, 'getuid').mockReturnValue(uid);
afterEach(() => jest.restoreAllMocks());

test('doctor says that the kernel cannot lead connections, where the engine publishes ports', async () => {
  asRoot(0);
  expect(await look(false)).toMatchObject([{ name: 'redirects', state: 'warn' }]);
  expect(await look(true)).toEqual([]);
  expect(await look(false, { publishes: false })).toEqual([]);
});

test('doctor says nothing of redirects that nobody wants, or to whoever cannot tell', async () => {
  asRoot(0);
  expect(await look(false, { env: { BELAY_REDIRECT: 'off' } })).toEqual([]);
  asRoot(1000);
  expect(await look(false)).toEqual([]);
});

test('doctor asks the engine of its own environment whether it publishes ports', async () => {
  asRoot(0);
  const asked = examineRedirects({ env: { DOCKER_HOST: 'unix:///nowhere.sock' } });
  await expect(asked).rejects.toThrow('/nowhere.sock');
});
