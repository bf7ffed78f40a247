import { snapshot, variables } from '../../src/runtimes/docker/snapshot';

const inspected = (Env?: string[]) => ({ inspect: async () => ({ Image: 'sha256:1', Config: { Env } }) });

const of = (container: string[], image?: string[]) =>
  variables({ getContainer: () => inspected(container), getImage: () => inspected(image) } as never, 'shop-api-1');

test('what an image has with the same value is told apart from what a container was given', async () => {
  expect(await of(['PATH=/bin', 'MODE=live', 'EMPTY', 'URL=a=b'], ['PATH=/bin', 'MODE=test'])).toEqual([
    { name: 'PATH', value: '/bin', inherited: true },
    { name: 'MODE', value: 'live', inherited: false },
    { name: 'EMPTY', value: '', inherited: false },
    { name: 'URL', value: 'a=b', inherited: false },
  ]);
  expect(await of(['A=1'])).toEqual([{ name: 'A', value: '1', inherited: false }]);
});

test('what a container was given can be told where its image was removed', async () => {
  const gone = { inspect: () => Promise.reject(Object.assign(new Error('no such image'), { statusCode: 404 })) };
  const docker = { getContainer: () => inspected(['PATH=/bin', 'MODE=live']), getImage: () => gone } as never;
  expect((await variables(docker, 'shop-api-1')).map(({ inherited }) => inherited)).toEqual([false, false]);
  await expect(snapshot(docker, 'shop-api-1')).rejects.toMatchObject({ code: 'image-unknown' });
});
