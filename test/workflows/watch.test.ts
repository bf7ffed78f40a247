import { plan } from './plans';
import { answers, createScript, fails } from './script';
import { createStage, type Stage } from './stage';

const later = 'api/validate/later/home';
const home = { name: 'home', when: [], http: '/', port: 8080, status: 200, timeout: 1_000, later: 60_000 };
const watched = () => plan({ validate: [home] });

let stage: Stage;
afterEach(() => stage.close());

/** Releases, and returns the end of the watch that the release starts; its tests behave so. */
async function watchOf(...behaviours: Parameters<ReturnType<typeof createScript>['on']>[1][]) {
  const others = createScript(plan()).on(later, ...behaviours);
  stage = await createStage({ others });
  const play = await stage.play(watched());
  expect(await play.end()).toMatchObject({ outcome: 'released' });
  const of = (id: string) => stage.client.workflow.getHandle(id);
  const { steps } = await play.status();
  return { others, of, watch: of(steps['api/later']!.note!) };
}

test('a release that stays well keeps its revision', async () => {
  const { watch } = await watchOf(answers('advance'));
  expect(watch.workflowId).toBe('watch/shop/api-r2@h');
  expect(await watch.result()).toBe('api: revision 2 stays');
});

test('one that turns bad is taken back, if nothing else runs by then', async () => {
  const { watch, of } = await watchOf(fails('smoke-failed', 'home: roll back'));
  expect(await watch.result()).toBe('home: roll back; rollback/shop/api-r2@h takes it back');
  const back = of('rollback/shop/api-r2@h');
  expect(await back.result()).toMatchObject({ outcome: 'released' });
  const { events } = await back.fetchHistory();
  const [data] = events![0]!.workflowExecutionStartedEventAttributes!.input!.payloads!;
  expect(JSON.parse(Buffer.from(data!.data!).toString())).toMatchObject({
    ...{
      platform: 'shop',
      services: ['api'],
      to: { api: 1 },
      from: { api: 2 },
      by: 'belay',
      reason: 'home: roll back',
    },
  });
});

test('one of which nothing is known stays, and the watch fails', async () => {
  const { watch } = await watchOf(fails('inconclusive', 'home: hold'));
  await expect(watch.result()).rejects.toMatchObject({
    cause: { type: 'inconclusive', message: 'api stays at revision 2: home: hold' },
  });
});
