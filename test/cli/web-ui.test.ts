import { startLink, webUiLink } from '../../src/cli/web-ui';
import type { ReleaseHandle } from '../../src/client';
import type { ReleaseStatus } from '../../src/model/status';

const link = (env: NodeJS.ProcessEnv) =>
  webUiLink({ env: { BELAY_HOME: '/nowhere', TEMPORAL_NAMESPACE: 'belay', ...env } }, 'release/shop/1');
const path = '/namespaces/belay/workflows/release%2Fshop%2F1';

test.each([
  ['the usual port of this machine', {}, 'http://127.0.0.1:8233'],
  ['the port that docker-compose.yml publishes', { TEMPORAL_UI_PORT: '19233' }, 'http://127.0.0.1:19233'],
  ['the address that is named', { BELAY_WEB_UI: 'https://ui.shop.example/' }, 'https://ui.shop.example'],
  ['the usual port where the name is empty', { BELAY_WEB_UI: '' }, 'http://127.0.0.1:8233'],
])('leads to %s', (_words, env, base) => {
  expect(link({ TEMPORAL_ADDRESS: '127.0.0.1:7233', ...env })).toBe(`${base}${path}`);
});

test('leads nowhere where Temporal is elsewhere, and nobody names its Web UI', () => {
  expect(link({ TEMPORAL_ADDRESS: 'temporal.shop.example:7233' })).toBeUndefined();
});

type Ended = Pick<ReleaseStatus, 'kind' | 'outcome'>;
const ended: Ended = { kind: 'release', outcome: 'rolled-back' };
const ui = { BELAY_HOME: '/nowhere', TEMPORAL_ADDRESS: '127.0.0.1:7233', TEMPORAL_NAMESPACE: 'belay' };

/** The form's link after this end, where Temporal tells the run. */
const startsFrom = (end: Ended, { env = ui, run }: { env?: NodeJS.ProcessEnv; run?: string } = {}) =>
  startLink({ env }, { ...end, handle: { runId: async () => run } as ReleaseHandle });

test('the form takes the input of a run, and leaves the id of the next release open', async () => {
  expect(await startsFrom(ended, { run: '01a2-b' })).toBe(
    'http://127.0.0.1:8233/namespaces/belay/workflows/start-workflow?taskQueue=belay&workflowType=release&runId=01a2-b',
  );
});

test.each<[string, Ended]>([
  ['a release that has not ended', { kind: 'release' }],
  ['a dry run', { kind: 'release', outcome: 'planned' }],
  ['a drop', { kind: 'drop', outcome: 'removed' }],
])('nothing starts from %s', async (_words, end) => {
  expect(await startsFrom(end, { run: '01a2-b' })).toBeUndefined();
});

test('nothing starts from a run that Temporal does not tell, or where nobody names the Web UI', async () => {
  expect(await startsFrom(ended)).toBeUndefined();
  const env = { ...ui, TEMPORAL_ADDRESS: 'temporal.shop.example:7233' };
  expect(await startsFrom(ended, { env, run: '01a2-b' })).toBeUndefined();
});
