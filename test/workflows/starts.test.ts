import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import fc from 'fast-check';
import { plan } from './plans';
import { blocks, createScript } from './script';
import { createStage, type Stage } from './stage';

/** A workflow with any input ends at once and says what is wrong, and never hangs. */

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const types = 'release, rollback, drop, prune, backup, drill, restore, inspect';

/** Returns the end of a start, as `type: message`. */
async function start(type: string, ...args: unknown[]): Promise<string> {
  const play = await stage.play(createScript(plan()), { kind: type, args });
  return await play.handle.result().then(
    () => 'completed',
    (error: unknown) => {
      const cause = error instanceof WorkflowFailedError ? error.cause : error;
      if (!(cause instanceof Error)) throw error;
      const failure = cause.cause instanceof ApplicationFailure ? cause.cause : cause;
      return `${(failure as ApplicationFailure).type}: ${failure.message}`;
    },
  );
}

const form = '→ start it with one object, such as { "platform": "shop" }';
const noObject = (kind: string) => `input-invalid: the input of the ${kind} is not one object ${form}`;

test.each([
  ['a text', 'release', ['blog'], noObject('release')],
  ['a list', 'rollback', [['blog']], noObject('rollback')],
  ['a number', 'drop', [42], noObject('drop')],
  ['true', 'prune', [true], noObject('prune')],
  [
    'nothing',
    'release',
    [],
    `input-invalid: the input of the release is wrong: platform: is missing — write "platform": … (The platform to release) ${form}`,
  ],
  [
    'null',
    'drop',
    [null],
    `input-invalid: the input of the drop is wrong: platform: is missing — write "platform": … (The platform to remove from its host) ${form}`,
  ],
  [
    'an unknown key',
    'release',
    [{ platform: 'shop', dryrun: true }],
    `input-invalid: the input of the release is wrong: dryrun: is not a known key — did you mean dry_run? ${form}`,
  ],
  [
    'other types',
    'release',
    [{ platform: 7, env: {}, by: [], dry_run: 'yes', when_running: 1 }],
    /^input-invalid: the input of the release is wrong: platform: takes text, not the number 7/,
  ],
  ...['Web_2', '', 'h'.repeat(64), 7, null, ['h']].map((host): [string, string, unknown[], RegExp] => [
    `the host ${JSON.stringify(host)}`,
    'prune',
    [{ host }],
    /^input-invalid: the input of the prune is wrong: host: (takes|is empty) /,
  ]),
  ['two inputs', 'release', [{ platform: 'shop' }, { dry_run: true }], 'input-invalid: takes one object, not 2 inputs'],
  ['a retirement with a text', 'retire', ['x'], noObject('retirement')],
  [
    'a retirement with a wrong time',
    'retire',
    [{ platform: 'shop', service: 'api', revision: 1, instances: [], after: 'soon' }],
    /^input-invalid: the input of the retirement is wrong: after: takes a number, not the text "soon"/,
  ],
  [
    'another type',
    'Release',
    [{ platform: 'shop' }],
    `input-invalid: there is no workflow type "Release"; did you mean release? There are: ${types}`,
  ],
  ...['toString', '__defineGetter__', 'constructor', 'default'].map((type): [string, string, unknown[], string] => [
    `${type}, which every object has,`,
    type,
    [{ platform: 'shop' }],
    `input-invalid: there is no workflow type "${type}"; there are: ${types}`,
  ]),
  [
    'a typo',
    'rollbak',
    ['x'],
    `input-invalid: there is no workflow type "rollbak"; did you mean rollback? There are: ${types}`,
  ],
])('%s is refused at once, and says what is wrong', async (_what, type, args, said) => {
  expect(await start(type, ...args)).toEqual(typeof said === 'string' ? said : expect.stringMatching(said));
});

test('what is no JSON is refused as a start, and recorded as a message, where it would stop the workflow for ever', async () => {
  const { workflowService } = stage.client;
  const input = { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('blog') }] };
  const workflow = { namespace: 'default', taskQueue: { name: 'belay' }, requestId: 'r', identity: 'test' };
  const workflowId = 'release/shop/no-json';
  await workflowService.startWorkflowExecution({ ...workflow, workflowId, workflowType: { name: 'release' }, input });
  await expect(stage.client.workflow.getHandle(workflowId).result()).rejects.toMatchObject({
    cause: { type: 'input-invalid', message: noObject('release').replace('input-invalid: ', '') },
  });
  const play = await stage.play(createScript(plan()).on('api/launch/shop-api-r2-1', blocks));
  await play.script.until('+api/launch/shop-api-r2-1');
  const workflowExecution = { workflowId: play.handle.workflowId };
  await workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution,
    signalName: 'pause',
    input,
  });
  const { paused } = await play.until('recorded', ({ heard }) => heard.length > 0);
  expect(paused).toBe(false);
  play.script.releaseAll();
  expect(await play.end()).toMatchObject({ outcome: 'released' });
});

test('a platform with a name beyond what Temporal can search for is no reason to hang', async () => {
  expect(await start('release', { platform: 'p'.repeat(3000) })).toBe('completed');
});

test('a mistake in the workflow itself ends it, and says so', async () => {
  const broken = { ...plan(), steps: [{}] as never };
  const play = await stage.play(createScript(broken));
  expect(await play.end()).toMatchObject({ closed: 'failed', type: 'unexpected' });
  expect(await play.status()).toMatchObject({
    phase: 'closed',
    outcome: 'left',
    cause: { message: expect.stringMatching(/^a fault of Belay: .*; the host stays as it was at that moment$/) },
  });
});

test('whatever is started at random ends', async () => {
  const inputs = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.dictionary(
      fc.constantFrom('platform', 'env', 'by', 'versions', 'dry_run', 'after', 'instances'),
      fc.jsonValue(),
    ),
  );
  const types = fc.oneof(
    fc.constantFrom('release', 'rollback', 'drop', 'prune', 'retire'),
    fc.string({ minLength: 1, maxLength: 30 }),
  );
  const starts = fc.sample(fc.tuple(types, fc.array(inputs, { maxLength: 2 })), 100);
  const ends = await Promise.all(starts.map(([type, args]) => start(type, ...args)));
  expect(ends.filter((end) => !/^(completed|input-invalid: .+)$/s.test(end))).toEqual([]);
});
