import { type Client, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { createHandle } from '../../src/client/handle';

const away = new ServiceError('Failed to reach Temporal', { cause: Object.assign(new Error(), { code: 14 }) });
const missing = new WorkflowNotFoundError('workflow not found', 'release/shop/1', undefined);

/** Returns a handle of one release, of which Temporal says no more than that. */
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

describe('of a query to which nobody answers', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** Returns the outcome of a message within some milliseconds. */
  async function saidWithin(time: number, describe: () => Promise<unknown>) {
    const workflow = { getHandle: () => ({ query: () => new Promise(() => {}), describe }) };
    const act = (_how: unknown, asked: () => Promise<unknown>) => asked();
    const client = { workflow, withDeadline: act, withAbortSignal: act };
    const said = jest.fn();
    createHandle(client as unknown as Client, 'release/shop/1')
      .status()
      .catch(said);
    await jest.advanceTimersByTimeAsync(time);
    return said.mock.calls.flat();
  }

  test.each([4, 14])('a Temporal that is away (%s) is told of long before a worker would be', async (code) => {
    const silent = new ServiceError('nothing', { cause: Object.assign(new Error(), { code }) });
    const said = await saidWithin(5_000, () => Promise.reject(silent));
    expect(said).toMatchObject([{ code: 'temporal-unreachable', message: 'Temporal does not answer' }]);
  });

  test('a Temporal that answers lets a worker take its time, and is asked again', async () => {
    const asked = jest.fn(async () => ({}));
    expect(await saidWithin(5_000, asked)).toEqual([]);
    expect(asked).toHaveBeenCalledTimes(2);
  });
});

test('a cancel says that there is no such release, and that Temporal is away', async () => {
  await expect(handleOf(missing).cancel()).rejects.toMatchObject({
    code: 'input-invalid',
    message: 'there is no release/shop/1 that runs',
  });
  await expect(handleOf(away).cancel()).rejects.toMatchObject({ code: 'temporal-unreachable' });
});
