import { variables } from '../../src/runtimes/docker-snapshot';

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
