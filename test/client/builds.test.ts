import type { Client } from '@temporalio/client';
import { buildsNow } from '../../src/client/builds';

const now = Math.floor(Date.now() / 1000);

/** A Temporal that remembers these workers: who, which build, and how many seconds ago it was seen. */
function clientOf(workers: Array<[string, string, number]>): Client {
  const pollers = workers.map(([identity, buildId, ago]) => ({
    identity,
    workerVersionCapabilities: { buildId },
    lastAccessTime: { seconds: now - ago },
  }));
  return {
    options: { namespace: 'default' },
    workflowService: { describeTaskQueue: async () => ({ pollers }) },
  } as unknown as Client;
}

test('the builds of now are those of the workers that poll now, each once', async () => {
  const workers: Array<[string, string, number]> = [
    ['1@web-1', 'belay@2+a', 5],
    ['2@web-2', 'belay@2+a', 9],
    ['3@web-3', 'belay@3+b', 7],
    ['4@web-4', '', 7],
  ];
  expect((await buildsNow(clientOf(workers))).sort()).toEqual(['belay@2+a', 'belay@3+b']);
});

test('a worker that Temporal remembers, and that is gone, does not count', async () => {
  expect(await buildsNow(clientOf([['1@web-1', 'belay@1+a', 200]]))).toEqual([]);
});

test('after an upgrade the former worker of the host does not count, though it polled a moment ago', async () => {
  const workers: Array<[string, string, number]> = [
    ['1@web-1', 'belay@1+a', 20],
    ['2@web-1', 'belay@2+b', 2],
    ['3@web-1', 'belay@0+c', 40],
  ];
  expect(await buildsNow(clientOf(workers))).toEqual(['belay@2+b']);
});
