import { plan } from './plans';
import { createStage, type Stage } from './stage';

/** Where several hosts share one Temporal, the host that is named makes the plan. */

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const away = 'no worker of host web-2 has taken the question within 10 s';

/** The task queue on which the plan was asked for. */
async function planner(workflowId: string): Promise<string | undefined> {
  const { events } = await stage.client.workflow.getHandle(workflowId).fetchHistory();
  const all = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: one }) => one ?? []);
  return all.find(({ activityType }) => activityType?.name?.startsWith('plan'))?.taskQueue?.name ?? undefined;
}

test.each([
  ['release', 'h', 'belay-host-h'],
  ['release', undefined, 'belay'],
  ['rollback', 'h', 'belay-host-h'],
  ['drop', 'h', 'belay-host-h'],
  ['prune', 'h', 'belay-host-h'],
  ['retire', 'h', 'belay-host-h'],
])('a %s on host %s is planned by %s', async (kind, host, queue) => {
  const play = await stage.play(plan(), { kind, input: { host } });
  await play.end();
  expect(await planner(play.handle.workflowId)).toBe(queue);
});

test('where the host has no worker, a dry run fails, and a release says so and waits until it is turned', async () => {
  const [dry, play] = await Promise.all([
    stage.play(plan(), { input: { host: 'web-2', dry_run: true } }),
    stage.play(plan(), { input: { host: 'web-2' } }),
  ]);
  await expect(dry.handle.result()).rejects.toMatchObject({ cause: { type: 'worker-unreachable', message: away } });
  const { waiting } = await play.until('it says so', (status) => status.waiting.length > 0);
  const text = `${away}: check the host's name, and whether its worker runs`;
  expect(waiting).toMatchObject([{ kind: 'unreachable', text, command: 'belay doctor --host web-2' }]);
  await play.signal('rollback', { by: 'ann' });
  expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'rolled-back' });
  expect(play.script.begun()).toEqual([]);
});
