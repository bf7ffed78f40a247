import type Docker from 'dockerode';
import { signal } from '../../src/runtimes/docker/remove';

test.each([
  'cannot update a stopped container: unknown',
  'cannot update a deleted process: unknown',
  'runc did not terminate successfully: exit status 1: container not running\n: unknown',
])('an instance that ends while its restart policy is taken away loses it all the same: %s', async (refusal) => {
  const asked: string[] = [];
  const answer = (name: string, words?: string) => async () => {
    asked.push(name);
    if (words && asked.filter((one) => one === name).length === 1)
      throw Object.assign(new Error(words), { statusCode: 500, json: { message: words } });
  };
  const container = {
    update: answer('update', `Cannot update container 04fb: ${refusal}`),
    kill: answer('kill', 'Cannot kill container: 04fb: Container 04fb is not running'),
  };
  await signal({ getContainer: () => container } as unknown as Docker, 'api', 'SIGTERM');
  expect(asked).toEqual(['update', 'update', 'kill']);
});
