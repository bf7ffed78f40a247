import { leadersOf } from '../../src/runtimes/docker/compose/leaders';
import type { ComposeService } from '../../src/spec/init';
import { trafficComments } from '../../src/spec/init/traffic';
import { projectWith } from '../compose/projects';

const leaders = leadersOf(projectWith({ api: { labels: { 'swag.x': '', swag: 'enable' } } }), 'api');
const keeper = {
  service: 'web',
  tool: 'nginx',
  file: './web.conf',
  reload: 'docker compose exec web nginx -s reload',
  instead: 'set $to api:PORT;',
};

const service = (more: Partial<ComposeService> = {}): ComposeService => ({
  name: 'api',
  listens: [{ port: 8080, evidence: 'ports' } as unknown as ComposeService['listens'][number]],
  writableVolumes: [],
  ...more,
});

const own = {
  kind: 'haproxy' as const,
  config: '/etc/haproxy/haproxy.cfg',
  socket: '/run/haproxy.sock',
  backends: ['api'],
};

test('a service that nothing else leads to has no comments', () => {
  expect(trafficComments(service(), 'managed')).toEqual([]);
});

test('who leads past a proxy is named, with what leads through one', () => {
  expect(trafficComments(service({ leaders }), own)).toEqual([
    '    # NOT DRAINED: SWAG sends requests directly to its instances (label swag), past any managed proxy.',
    '    # To send them through a managed proxy: write the label swag_address: api',
  ]);
});

test('who keeps an address is named, with its command and with the port in its lines', () => {
  const lines = [
    '    # web looks api up once and keeps the address (./web.conf): after the first release, docker compose exec web nginx -s reload',
    '    # or, before it, let web look the name up regularly: set $to api:8080;',
  ];
  expect(trafficComments(service({ keepers: [keeper] }), 'managed')).toEqual(lines);
  expect(trafficComments(service({ keepers: [keeper] }), undefined)).toEqual(lines);
});

test('behind a HAProxy of the user nobody finds a service by its name, so that none keeps its address', () => {
  expect(trafficComments(service({ keepers: [keeper] }), own)).toEqual([]);
});

test('the port stays open where none is known, and a file name stays on its line', () => {
  const [first, second] = trafficComments(service({ listens: [], keepers: [{ ...keeper, file: 'a\nb' }] }), 'managed');
  expect(first).toContain('(a b)');
  expect(second).toContain('api:PORT;');
});
