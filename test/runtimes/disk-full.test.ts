import { create, start } from '../../src/runtimes/docker/launch';

const full = Object.assign(
  new Error('(HTTP code 500) server error - mkdir /var/lib/docker/overlay2/x: no space left on device '),
  {
    statusCode: 500,
  },
);

test('a launch for which the engine has no room is told as a full disk, with what may go', async () => {
  const container = { start: () => Promise.reject(full) };
  const docker = { createContainer: () => Promise.reject(full), getContainer: () => container } as never;
  const failure = (what: string) => ({
    code: 'disk-full',
    message: `${what}: mkdir /var/lib/docker/overlay2/x: no space left on device`,
    hint: expect.stringMatching(/belay prune.*docker system df/),
  });
  await expect(create(docker, 'shop-api-r2-1', {})).rejects.toMatchObject(failure('shop-api-r2-1 cannot be created'));
  await expect(start(docker, 'shop-api-r2-1')).rejects.toMatchObject(failure('shop-api-r2-1 does not start'));
});
