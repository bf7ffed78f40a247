import type { Client } from '@temporalio/client';
import { hostsWithWorkers, withHosts } from '../../src/client/hosts';
import { status } from '../cli/support';

const now = () => ({ seconds: Math.floor(Date.now() / 1000) });

/** A Temporal whose task queues have pollers of these identities. */
function clientOf(queues: Record<string, string[]>): Client {
  const describeTaskQueue = async ({ taskQueue }: { taskQueue: { name: string } }) => ({
    pollers: (queues[taskQueue.name] ?? []).map((identity) => ({ identity, lastAccessTime: now() })),
  });
  return { options: { namespace: 'default' }, workflowService: { describeTaskQueue } } as unknown as Client;
}

test('hosts with workers are those whose own task queue is polled', async () => {
  const client = clientOf({
    belay: ['7@web-3', '8@web-1', '9@web-1', '5@An Older.Worker', 'unknown', '6@gone'],
    'belay-host-web-1': ['8@web-1'],
    'belay-host-web-3': ['7@web-3'],
  });
  expect(await hostsWithWorkers(client)).toEqual(['web-1', 'web-3']);
  expect(await hostsWithWorkers(clientOf({}))).toEqual([]);
});

test('a wait for a host is told with the hosts that have workers', () => {
  const since = '2026-01-01T00:00:00.000Z';
  const away = { kind: 'unreachable' as const, text: 'web-2 has none', command: 'belay doctor', since };
  const said = (hosts: string[]) => withHosts(status({ phase: 'planning', waiting: [away] }), hosts).waiting[0]!.text;
  expect(said(['web-1', 'web-3'])).toBe('web-2 has none\nhosts with a worker: web-1, web-3');
  expect(said([])).toBe('web-2 has none\nno host has a worker now');
});
