import { activityInfo } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import { waitFor } from '../../testbed/wait';
import { plan } from './plans';
import { type Behaviour, blocks, createScript, heldBy } from './script';
import { createStage, type Play, type Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const launch = 'api/launch/shop-api-r2-1';
const cleanup = 'api/cleanup';

/** The one service of a host: a plan is made for whoever holds it, until its end. */
function createFence() {
  let holder: string | undefined;
  const order: string[] = [];
  const take: Behaviour = async (act, script) => {
    const id = activityInfo().workflowExecution!.workflowId;
    if (holder !== undefined && holder !== id) return await heldBy(holder)(act, script);
    holder = id;
    order.push(id);
    return {};
  };
  const give: Behaviour = async () => {
    holder = undefined;
    return {};
  };
  const play = (...launches: Behaviour[]) => {
    const script = createScript(plan()).on('plan', ...Array<Behaviour>(40).fill(take));
    return stage.play(script.on(launch, ...launches).on(cleanup, give), { input: { when_running: 'queue' } });
  };
  return { play, order };
}

/** What its signals of that name carried. */
async function signalled({ handle }: Play, name: string): Promise<unknown[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: one }) =>
    one?.signalName === name ? one.input!.payloads!.map((data) => defaultPayloadConverter.fromPayload(data)) : [],
  );
}

const idOf = ({ handle }: Play): string => handle.workflowId;
const untilLined = (holder: Play, count: number) =>
  waitFor({
    what: `${count} wait`,
    until: async () => new Set((await signalled(holder, 'queued')).map((one) => JSON.stringify(one))).size === count,
  });

test('releases that queue are called one after the other, in the order of their coming', async () => {
  const { play, order } = createFence();
  const first = await play(blocks);
  await first.script.until(`+${launch}`);
  const second = await play(blocks);
  await untilLined(first, 1);
  const third = await play();
  await untilLined(first, 2);
  first.script.release(launch);
  expect(await first.end()).toMatchObject({ outcome: 'released' });
  await second.script.until(`+${launch}`);
  second.script.release(launch);
  for (const one of [second, third]) expect(await one.end()).toMatchObject({ outcome: 'released' });
  expect(order).toEqual([first, second, third].map(idOf));
  expect(await signalled(second, 'called')).toEqual([{ behind: [idOf(third)] }]);
  expect(await signalled(third, 'called')).toEqual([{ behind: [] }]);
});

test('one that ends while it waits hands the line over to those behind it', async () => {
  const { play, order } = createFence();
  const first = await play(blocks);
  await first.script.until(`+${launch}`);
  const second = await play();
  await untilLined(first, 1);
  const third = await play();
  await untilLined(first, 2);
  await second.signal('rollback', { by: 'ana' });
  expect(await second.end()).toMatchObject({ outcome: 'rolled-back' });
  first.script.release(launch);
  expect(await third.end()).toMatchObject({ outcome: 'released' });
  expect(order).toEqual([first, third].map(idOf));
  expect(await signalled(third, 'called')).toEqual([{ behind: [] }]);
});

test('what waits in line is not forgotten by a wrong word', async () => {
  const { play } = createFence();
  const first = await play(blocks);
  await first.script.until(`+${launch}`);
  for (const said of [undefined, 7, { workflow: 7 }, { behind: 'all' }]) {
    await first.handle.signal('queued', said);
    await first.handle.signal('called', said);
  }
  const second = await play();
  await untilLined(first, 5);
  first.script.release(launch);
  expect(await first.end()).toMatchObject({ outcome: 'released' });
  expect(await second.end()).toMatchObject({ outcome: 'released' });
});
