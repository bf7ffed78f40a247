import { admitting, draining, removing, staging } from '../../src/proxies/nginx/changes';
import { asLoaded, changed, type List, listText, parseList, settled } from '../../src/proxies/nginx/list';
import { serversOf } from '../../src/proxies/nginx/upstreams';

const where = { path: '/etc/nginx/belay/api.servers', sets: ['api-blue', 'api-green'] as [string, string] };
const read = (text: string): List => parseList(text, where);
const head =
  '# Belay keeps this file, and an upstream block includes it. Between releases its server lines may be edited.\n';
const first = { backend: 'api-blue', server: 's1' };
const second = { backend: 'api-blue', server: 's2' };

test('takes over the server lines that a person has written, with their options', () => {
  const list = read(`
    # our two
    server 127.0.0.1:8000 max_fails=3 fail_timeout=30s;
    server 127.0.0.1:8001 weight=2 max_conns=9; # the bigger one
    server 127.0.0.1:8002 down; # eu/west
  `);
  expect(listText(list)).toBe(
    `${head}# live api-blue
server 127.0.0.1:8000 max_fails=3 fail_timeout=30s; # api-blue/s1
server 127.0.0.1:8001 max_conns=9 weight=2; # api-blue/s2
# drain 127.0.0.1:8002; # api-blue/s3
`,
  );
});

test('gives a new line what the others say of failures and connections, and no more', () => {
  const added = (text: string) =>
    staging({ backend: 'api-blue', server: 's9' }, '127.0.0.1:9')(read(text)).members.at(-1);
  const other = 'server 127.0.0.1:1001 max_fails=3 fail_timeout=30s max_conns=9 backup; # api-blue/s1\n';
  expect(added(other)).toMatchObject({ options: 'max_fails=3 fail_timeout=30s max_conns=9' });
  expect(added('server 127.0.0.1:1 down;\n')).toMatchObject({ options: '' });
});

test('gives a line without a name one that no other has', () => {
  const list = read('server 127.0.0.1:1001;\nserver 127.0.0.1:1002; # api-blue/s1\n');
  expect(list.members.map(({ server }) => server)).toEqual(['s2', 's1']);
});

test('writes one server that is down where nobody serves, and reads it as nobody', () => {
  const text = listText({ live: 'api-blue', members: [] });
  expect(text).toBe(`${head}# live api-blue\nserver 127.0.0.1:1 down;\n`);
  expect(read(text)).toEqual({ live: 'api-blue', members: [] });
});

test.each(['keepalive 16;', 'server 127.0.0.1:1; server 127.0.0.1:2;', 'server 127.0.0.1:1', 'upstream a {'])(
  'refuses a line with anything but one server: %s',
  (line) => {
    expect(() => read(`# ours\n${line}\n`)).toThrow(
      `line 2 of /etc/nginx/belay/api.servers is no line with one server: ${line}`,
    );
  },
);

test('shows what nginx has until a change is loaded, and reads back what it wrote at every point', () => {
  const states = (list: List) => asLoaded(list).members.map(({ server, state }) => `${server} ${state}`);
  const step = (list: List, change: (list: List) => Pick<List, 'live' | 'members'>) => changed(list, change(list));
  let list = step(read('server 127.0.0.1:1001; # api-blue/s1\n'), staging(second, '127.0.0.1:1002'));
  expect(list.loaded).toBeUndefined();
  const before = list;
  for (const change of [admitting(second), draining(first), removing(first)]) {
    list = step(list, change);
    expect(states(list)).toEqual(['s1 ready', 's2 drain']);
    expect(listText(read(listText(list)))).toBe(listText(list));
  }
  // Back to the same lines is no proof: nginx may have loaded those between.
  expect(changed(list, before).loaded).toBeDefined();
  expect(settled(list, list)).toEqual({ live: 'api-blue', members: list.members });
  expect(states(settled(list, list))).toEqual(['s2 ready']);
});

test('keeps the other set as it is while a switch is not loaded', () => {
  const both = read('server 127.0.0.1:1001; # api-blue/s1\n# ready 127.0.0.1:1002; # api-green/s1\n');
  const list = changed(both, { ...both, live: 'api-green' });
  expect(listText(list)).toContain('\nserver 127.0.0.1:1002; # api-green/s1\n# ready 127.0.0.1:1001; # api-blue/s1\n');
  expect(asLoaded(list)).toEqual({ live: 'api-blue', members: both.members });
});

test('finds the server lines that an upstream has, with their options', () => {
  const text = `# configuration file /etc/nginx/nginx.conf:
    http { upstream api { zone api 64k; server 127.0.0.1:1 max_fails=3; server 127.0.0.1:2; } upstream web { server a; } }`;
  expect(serversOf(text, 'api')).toEqual(['server 127.0.0.1:1 max_fails=3;', 'server 127.0.0.1:2;']);
});
