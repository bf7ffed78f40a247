import { type Client, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { createHandle } from '../../src/client/handle';

const away = new ServiceError('Failed to reach Temporal', { cause: Object.assign(new Error(), { code: 14 }) });
const missing = new WorkflowNotFoundError('workflow not found', 'release/shop/1', undefined);

/** One release, of which Temporal says no more than that. */
function handleOf(error: Error) {
  const fail = async () => {
    throw error;
  };
  const workflow = { getHandle: () => ({ result: fail, cancel: fail }) };
  const client = { workflow, withDeadline: (_until: number, act: () => Promise<unknown>) => act() };
  return createHandle(client as unknown as Client, 'release/shop/1');
}

test('whoever waits for the end is told that Temporal is away, and by what', async () => {
  await expect(handleOf(away).result()).rejects.toMatchObject({ code: 'temporal-unreachable', cause: away });
});

test('a cancel says that there is no such release, and that Temporal is away', async () => {
  await expect(handleOf(missing).cancel()).rejects.toMatchObject({
    code: 'input-invalid',
    message: 'there is no release/shop/1 that runs',
  });
  await expect(handleOf(away).cancel()).rejects.toMatchObject({ code: 'temporal-unreachable' });
});
