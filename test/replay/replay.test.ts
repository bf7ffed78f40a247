import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundle } from '../workflows/bundle';
import { silence } from '../workflows/stage';

/** Releases that run while Belay is updated go on: the workflows of today bear the histories of before. */

const folder = join(__dirname, 'histories');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (
  name: string,
): { events: Array<{ activityTaskScheduledEventAttributes?: { activityType: { name: string } } }> } =>
  JSON.parse(readFileSync(join(folder, name), 'utf8'));

let workflowBundle: WorkflowBundleOption;
let traced: WorkflowBundleOption;
beforeAll(async () => {
  silence();
  workflowBundle = await bundle();
  traced = await bundle({ traced: true });
});

/** Where spans go, which nobody wants here. */
const sinks = { exporter: { export: { fn: () => undefined } } };

/** What replaying says of each, by name; nothing where all is well. */
async function replay(
  histories: Record<string, unknown>,
  code = workflowBundle,
): Promise<Record<string, Error | undefined>> {
  const list = Object.entries(histories).map(([workflowId, history]) => ({ workflowId, history }));
  const errors: Record<string, Error | undefined> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: code, sinks }, list))
    errors[workflowId] = error;
  return errors;
}

test('every recorded history is borne', async () => {
  const errors = await replay(Object.fromEntries(files.map((name) => [name, read(name)])));
  expect(Object.keys(errors).sort()).toEqual([...files].sort());
  expect(Object.entries(errors).filter(([, error]) => error)).toEqual([]);
});

test('every one goes on where traces are switched on meanwhile', async () => {
  const errors = await replay(Object.fromEntries(files.map((name) => [name, read(name)])), traced);
  expect(Object.entries(errors).filter(([, error]) => error)).toEqual([]);
});

test('the way there and back, ended and open, are all recorded', () => {
  expect(files).toEqual(
    expect.arrayContaining(
      [
        ...[
          'released',
          'paused-and-resumed',
          'approved-after-waiting',
          'rolled-back-by-signal',
          'failed-and-rolled-back',
        ],
        ...['rolling-back-open', 'paused-open', 'held-open', 'cancelled', 'superseded', 'rollback-workflow'],
        ...['planned-once-its-host-came', 'rolled-back-before-its-host-came'],
      ].map((name) => `${name}.json`),
    ),
  );
});

test.each(files)('%s with another activity in it is reported', async (name) => {
  const history = read(name);
  const scheduled = history.events.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
  scheduled.at(-1)!.activityType.name = 'somethingElse';
  const { altered } = await replay({ altered: history });
  expect(altered).toBeInstanceOf(DeterminismViolationError);
});

test('a history with two steps in another order is reported', async () => {
  const history = read('released.json');
  const names = history.events.map((event) => event.activityTaskScheduledEventAttributes?.activityType.name);
  const [pull, configure] = [names.indexOf('pull'), names.indexOf('configure')];
  history.events[pull]!.activityTaskScheduledEventAttributes!.activityType.name = 'configure';
  history.events[configure]!.activityTaskScheduledEventAttributes!.activityType.name = 'pull';
  const { altered } = await replay({ altered: history });
  expect(altered).toBeInstanceOf(DeterminismViolationError);
});
