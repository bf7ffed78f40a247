import type Docker from 'dockerode';
import { signal } from '../../src/runtimes/docker/remove';

test('an instance that ends while its restart policy is taken away loses it all the same', async () => {
  const asked: string[] = [];
  const answer = (name: string, words?: string) => async () => {
    asked.push(name);
    if (words && asked.filter((one) => one === name).length === 1)
      throw Object.assign(new Error(words), { statusCode: 500, json: { message: words } });
  };
  const container = {
    update: answer('update', 'Cannot update container 04fb: cannot update a stopped container: unknown'),
    kill: answer('kill', 'Cannot kill container: 04fb: Container 04fb is not running'),
  };
  await signal({ getContainer: () => container } as unknown as Docker, 'api', 'SIGTERM');
  expect(asked).toEqual(['update', 'update', 'kill']);
});
