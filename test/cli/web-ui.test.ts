import { webUiLink } from '../../src/cli/web-ui';

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
