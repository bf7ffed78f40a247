import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { kinds } from '../../src/model/messages';
import { bundle } from '../workflows/bundle';
import { fakeActivities } from '../workflows/script';
import { silence } from '../workflows/stage';

/** Releases that run while Belay is updated go on: the workflows of today bear the histories of before. */

const folder = join(__dirname, 'histories');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
interface Event {
  workflowExecutionStartedEventAttributes?: { workflowType: { name: string } };
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  startChildWorkflowExecutionInitiatedEventAttributes?: object;
  timerStartedEventAttributes?: object;
}
const read = (name: string): { events: Event[] } => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const activitiesIn = ({ events }: { events: Event[] }) =>
  events.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType ?? []);

/** Names of histories that stand for what a release can be in the middle of. */
const situations = [
  ...['released', 'recreated', 'canary', 'canary-open-at-its-gate', 'blue-green-kept-warm', 'packed-plan-open'],
  ...['blue-green-turned-after-its-switch', 'warm-set-open', 'warm-set-retired', 'dropped', 'drop-held-open', 'pruned'],
  ...['queued-until-free', 'replaced-another', 'planned-anew-where-another-claimed-first', 'rollback-workflow'],
  ...['proxy-of-its-own', 'proxy-taken-off', 'taken-over-from-compose', 'given-back-to-compose'],
  ...['paused-and-resumed', 'paused-open', 'held-open', 'held-and-tried-again', 'held-and-skipped', 'drain-skipped'],
  ...['approved-after-waiting', 'rejected-at-the-gate', 'rolled-back-by-signal', 'failed-and-rolled-back', 'cancelled'],
  ...['rolling-back-open', 'way-back-given-up', 'left-as-it-stands', 'superseded', 'host-out-of-reach'],
  ...['backup-made', 'backup-made-in-part', 'backup-cancelled', 'drilled'],
  ...['shutdowns-drilled', 'shutdown-drill-cancelled'],
  ...['restored', 'restore-taken-back', 'restore-open'],
  ...['jobs-past-no-return', 'jobs-taken-back', 'configuration-written-and-put-back'],
  ...['released-and-watched', 'watch-of-one-that-stays', 'watch-that-takes-it-back', 'watch-without-an-answer'],
  ...['watch-that-passed', 'watch-that-waited-for-its-rollback'],
  ...['watch-open', 'tested-as-a-whole', 'held-by-a-test-of-the-whole', 'watch-of-all-that-takes-it-back'],
  ...['one-that-writes-to-a-volume-stays', 'planned-once-its-host-came', 'rolled-back-before-its-host-came'],
];

let workflowBundle: WorkflowBundleOption;
let traced: WorkflowBundleOption;
beforeAll(async () => {
  silence();
  workflowBundle = await bundle();
  traced = await bundle({ traced: true });
});

/** Spans go nowhere here. */
const sinks = { exporter: { export: { fn: () => undefined } } };

/** Returns the errors of replaying each history, by name; empty if all is well. */
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

describe('recorded are', () => {
  const histories = files.map(read);

  test('workflows of every kind', () => {
    const types = histories.map(({ events }) => events[0]!.workflowExecutionStartedEventAttributes!.workflowType.name);
    expect([...new Set(types)].sort()).toEqual([...kinds, 'watch'].sort());
  });

  test('steps of every kind, and plans for all of them', () => {
    const { plans, steps } = fakeActivities(() => undefined as never);
    const recorded = new Set(histories.flatMap(activitiesIn).map(({ name }) => name));
    expect([...recorded].sort()).toEqual(Object.keys({ ...plans, ...steps }).sort());
    const all = histories.flatMap(({ events }) => events);
    expect(all.some((event) => event.startChildWorkflowExecutionInitiatedEventAttributes)).toBe(true);
    expect(all.some((event) => event.timerStartedEventAttributes)).toBe(true);
  });

  test('every way in which one goes on, ended and open', () => {
    expect(files).toEqual(expect.arrayContaining(situations.map((name) => `${name}.json`)));
  });
});

test('each with another activity in it is reported', async () => {
  const acting = files.filter((name) => activitiesIn(read(name)).length > 0);
  const altered = acting.map((name) => {
    const history = read(name);
    activitiesIn(history).at(-1)!.name = 'somethingElse';
    return [name, history];
  });
  const errors = await replay(Object.fromEntries(altered));
  expect(Object.keys(errors).sort()).toEqual([...acting].sort());
  expect(Object.entries(errors).filter(([, error]) => !(error instanceof DeterminismViolationError))).toEqual([]);
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
