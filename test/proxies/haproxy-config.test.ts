import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Advice } from '../../src/proxies/advice';
import { adviseHaproxy, type BackendNeed, readHaproxyConfig } from '../../src/proxies/haproxy/config';
import { lineOf } from '../../src/proxies/haproxy/sections';
import { haproxyConfig } from '../../testbed/haproxy-config';

const socket = '/run/haproxy/admin.sock';
const spec = {
  kind: 'haproxy' as const,
  socket,
  config: '/etc/haproxy/haproxy.cfg',
  master: '/run/haproxy-master.sock',
};
const need: BackendNeed = { backend: 'api', slots: 4, readyPath: '/ready' };

/** Debian's haproxy.cfg in short, and a backend as people have it. */
const bare = `global
    log /dev/log local0
    stats socket /run/haproxy/admin.sock mode 660 level admin
    maxconn 2000 # enough

defaults
    mode    http
    timeout connect 5000
    timeout client  50000
    timeout server  50000

frontend web
    bind 127.0.0.1:18099
    default_backend api

backend api
    balance roundrobin
    server web1 127.0.0.1:18080
`;

/** Lacks nothing. */
const full = haproxyConfig({
  backends: [{ name: 'api', slots: 4, port: 18098, waits: true }],
  socketPath: socket,
  tcpAddress: '127.0.0.1:18097',
  statePath: '/var/lib/haproxy/server-state',
  mapPath: '/tmp/sets.map',
});

/** The lines as the documentation puts them together. */
const [, documented = ''] = readFileSync(join(__dirname, '..', '..', 'docs', 'haproxy.md'), 'utf8').split('```');

/** The backend in which requests wait, as it is advised. */
const waiting = [
  'retries 60',
  'timeout queue 5m',
  'option redispatch 1',
  'http-request deny deny_status 503 hdr Retry-After 5 if { be_conn(api-wait) gt 4000 }',
  'option httpchk',
  'http-check send meth GET uri /ready ver HTTP/1.1 hdr host 127.0.0.1',
  'http-check expect status 200',
  'default-server check inter 100ms fall 2 rise 1 maxconn 250',
  'server-template s 1-4 app.invalid:8080 init-addr last,127.0.0.1 disabled',
  'server hold 127.0.0.1:1 no-check maxconn 0 backup',
].map((line) => `    ${line}`);

const advise = (config: string, over: Partial<typeof spec> = {}, needs = [need]): Advice[] =>
  adviseHaproxy({ config, spec: { ...spec, ...over }, backends: needs });

const find = (advice: Advice[], what: string): Advice | undefined => advice.find((one) => one.what === what);

test('has nothing to say of a configuration that lacks nothing', () => {
  expect(advise(full)).toEqual([]);
  expect(advise(full, { socket: 'tcp://127.0.0.1:18097' })).toEqual([]);
});

test('has nothing to say of the lines that the documentation puts together', () => {
  expect(advise(documented)).toEqual([]);
});

test('names every missing line of a common configuration, the most urgent first', () => {
  expect(advise(bare).map(({ severity, section, lines }) => [severity, section, ...lines])).toEqual([
    ['must', 'global', 'server-state-file /var/lib/haproxy/server-state'],
    ['must', 'defaults', 'load-server-state-from-file global'],
    ['must', 'backend api', 'server-template s 1-4 app.invalid:8080 init-addr last,127.0.0.1 disabled'],
    [
      'must',
      'backend api',
      'default-server check inter 2s fastinter 100ms downinter 100ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down',
    ],
    ['should', 'global', 'stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners'],
    ['should', 'defaults', 'timeout connect 500ms'],
    ['should', 'defaults', 'option idle-close-on-response'],
    [
      'should',
      'backend api',
      'option httpchk',
      'http-check send meth GET uri /ready ver HTTP/1.1 hdr host 127.0.0.1',
      'http-check expect status 200',
    ],
    ['should', 'backend api', 'timeout check 2000ms'],
    ['should', 'backend api', 'option redispatch 1'],
    ['should', 'backend api', 'retry-on conn-failure empty-response response-timeout'],
    ['should', 'global', 'tune.bufsize 65536'],
    ['should', 'global', 'tune.http.maxhdr 500'],
    ['should', 'defaults', 'option forwardfor if-none'],
    ['should', 'defaults', 'option abortonclose'],
    ['should', 'end of file', 'backend api-wait', ...waiting],
    ['should', 'frontend web', 'use_backend api-wait if { nbsrv(api) eq 0 }'],
  ]);
});

test('gives a check as long as health.ready does, and leads to where requests wait as to the backend itself', () => {
  const slow = advise(full, {}, [{ ...need, readyTimeout: 5_000 }]);
  expect(slow.map(({ lines }) => lines)).toEqual([['timeout check 5000ms']]);
  const asked = bare.replace('default_backend api', 'use_backend api if { path_beg /api }');
  expect(find(advise(asked), 'requests of api do not wait')?.lines).toEqual([
    'use_backend api-wait if { path_beg /api } { nbsrv(api) eq 0 }',
  ]);
});

test('gives the servers where requests wait the names and the check of the others', () => {
  const named = bare.replace('server web1 127.0.0.1:18080', 'server-template web 1-6 app.invalid:80');
  const lines = find(advise(named, {}, [{ ...need, readyHeaders: { host: 'shop' } }]), 'no backend api-wait')?.lines;
  expect(lines?.find((line) => line.includes('server-template'))).toMatch(/ server-template web 1-6 /);
  expect(lines).toContainEqual('    http-check send meth GET uri /ready ver HTTP/1.1 hdr host shop');
});

test('tells to keep the servers that stand there until they are drained', () => {
  expect(find(advise(bare), '0 of 4 slots')?.why).toContain('keep web1 until the first release has drained it');
});

test('is followed: HAProxy takes the advised lines, and nothing more is advised', () => {
  const advised = follow(bare, advise(bare));
  expect(advise(advised)).toEqual([]);
  expect(check(advised)).not.toMatch(/ALERT|WARNING/);
});

test('is followed where the backend is missing altogether', () => {
  const without = bare.slice(0, bare.indexOf('frontend web'));
  const front = 'frontend web\n    bind 127.0.0.1:18099\n    default_backend api\n';
  const advised = follow(without + front, advise(without + front));
  expect(advise(advised)).toEqual([]);
  expect(check(advised)).not.toMatch(/ALERT|WARNING/);
});

test('asks with the headers of the readiness check, and says where the check sends less', () => {
  const own = { ...need, readyHeaders: { host: 'shop.example.com', 'x-forwarded-proto': 'https' } };
  const send = 'http-check send meth GET uri /ready ver HTTP/1.1 hdr host shop.example.com hdr x-forwarded-proto https';
  const [found] = advise(full, {}, [own]);
  expect(found).toMatchObject({ severity: 'should', what: 'the check sends no header host' });
  expect(found!.lines).toEqual(['option httpchk', send, 'http-check expect status 200']);
  const without = full.replace(/ *option httpchk.*\n/, '');
  expect(find(advise(without, {}, [own]), 'no option httpchk')!.lines).toContain(send);
  const written = full.replace('option httpchk GET /ready', `option httpchk\n    ${send}`);
  expect(advise(written, {}, [own])).toEqual([]);
  expect(check(written)).not.toMatch(/ALERT|WARNING/);
});

test('writes the whole of a missing backend', () => {
  expect(find(advise(full, {}, [{ backend: 'admin', slots: 2, readyPath: '/up' }]), 'no backend admin')).toMatchObject({
    severity: 'must',
    section: 'end of file',
    lines: [
      'backend admin',
      '    option redispatch 1',
      '    retry-on conn-failure empty-response response-timeout',
      '    option httpchk',
      '    http-check send meth GET uri /up ver HTTP/1.1 hdr host 127.0.0.1',
      '    http-check expect status 200',
      '    timeout check 2000ms',
      '    default-server check inter 2s fastinter 100ms downinter 100ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down',
      '    server-template s 1-2 app.invalid:8080 init-addr last,127.0.0.1 disabled',
    ],
  });
});

test('adds the slots that are missing after those that are there', () => {
  const advice = advise(full, {}, [{ ...need, slots: 7 }]);
  expect(advice).toHaveLength(1);
  expect(advice[0]).toMatchObject({
    section: 'backend api',
    what: '4 of 7 slots',
    lines: ['server-template s 5-7 app.invalid:8080 init-addr last,127.0.0.1 disabled'],
  });
});

test.each([
  ['init-addr last,127.0.0.1 disabled', 'init-addr none disabled'],
  ['init-addr last,127.0.0.1 disabled', 'init-addr last,127.0.0.1'],
])('corrects slots that a reload would lose: %s made %s', (right, wrong) => {
  const advice = advise(full.replace(right, wrong));
  expect(advice).toHaveLength(1);
  expect(advice[0]).toMatchObject({ severity: 'must', lines: [`server-template s 1-4 app.invalid:8080 ${right}`] });
});

test('asks for level admin on the very socket of the spec', () => {
  const operator = full.replace('level admin expose-fd', 'level operator expose-fd');
  expect(advise(operator)).toEqual([
    {
      severity: 'must',
      section: 'global',
      what: 'stats socket without level admin',
      why: expect.any(String),
      lines: [`stats socket ${socket} mode 600 level admin expose-fd listeners`],
    },
  ]);
  expect(advise(full, { socket: '/other.sock' })[0]).toMatchObject({
    what: 'no stats socket at /other.sock',
    lines: ['stats socket /other.sock mode 660 level admin expose-fd listeners'],
  });
  expect(advise(full, { socket: 'tcp://127.0.0.1:9' })[0]?.lines).toEqual([
    'stats socket ipv4@127.0.0.1:9 level admin expose-fd listeners',
  ]);
});

test('says how to start HAProxy where the spec names no master socket', () => {
  expect(advise(full, { master: undefined })).toMatchObject([
    {
      severity: 'should',
      section: 'command line',
      lines: ['haproxy -W -S /run/haproxy-master.sock -f /etc/haproxy/haproxy.cfg'],
    },
  ]);
});

test('wants close-spread-time gone: it resets connections at a reload', () => {
  const advice = advise(full.replace('global\n', 'global\n  close-spread-time 8s\n'));
  expect(advice).toMatchObject([{ severity: 'should', section: 'global', what: 'close-spread-time 8s', lines: [] }]);
});

test('says what holds for several backends once', () => {
  const advice = advise(bare, {}, [need, { ...need, backend: 'admin' }]);
  expect(advice.filter(({ section }) => section === 'defaults').map(({ what }) => what)).toEqual([
    'no load-server-state-from-file global',
    'no short timeout connect',
    'no option idle-close-on-response',
    'no option forwardfor',
    'no option abortonclose',
  ]);
});

test('asks nothing of HTTP from a TCP backend', () => {
  const tcp = full
    .replace('mode http', 'mode tcp')
    .replace(/^.*(retry-on|httpchk|http-check|idle-close|forwardfor).*$/gm, '');
  expect(advise(tcp, {}, [{ backend: 'api', slots: 4 }])).toEqual([]);
});

describe('blue-green', () => {
  const sets: BackendNeed[] = ['api-blue', 'api-green'].map((backend) => ({
    backend,
    slots: 3,
    readyPath: '/ready',
    key: 'api',
  }));
  const choice = (first: string, file = '/var/lib/haproxy/sets.map') => `use_backend %[str(api),map(${file},${first})]`;
  const chosen = bare
    .slice(0, bare.indexOf('backend api\n    balance'))
    .replace('default_backend api', choice('api-blue'));
  const ofChoice = (config: string) =>
    advise(config, {}, sets).filter(({ what }) => what === 'no choice between api-blue and api-green');

  test('needs both backends, each of as many slots as instances, and the choice between them', () => {
    const found = advise(bare, {}, sets).filter(({ severity }) => severity === 'must');
    expect(found.map(({ section, lines }) => [section, ...lines])).toEqual([
      ['global', 'server-state-file /var/lib/haproxy/server-state'],
      ['defaults', 'load-server-state-from-file global'],
      ...['blue', 'green'].map((colour) => [
        'end of file',
        `backend api-${colour}`,
        '    option redispatch 1',
        '    retry-on conn-failure empty-response response-timeout',
        '    option httpchk',
        '    http-check send meth GET uri /ready ver HTTP/1.1 hdr host 127.0.0.1',
        '    http-check expect status 200',
        '    timeout check 2000ms',
        '    default-server check inter 2s fastinter 100ms downinter 100ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down',
        '    server-template s 1-3 app.invalid:8080 init-addr last,127.0.0.1 disabled',
      ]),
      ['frontend web', choice('api')],
    ]);
  });

  test('is followed: HAProxy takes the advised lines, and nothing more is advised', () => {
    const advised = follow(bare, advise(bare, {}, sets));
    expect(advised).not.toContain('default_backend');
    expect(advise(advised, {}, sets)).toEqual([]);
    expect(check(advised)).not.toMatch(/ALERT|WARNING/);
  });

  test('leads to the backend that serves already, until the first switch; else to blue', () => {
    expect(ofChoice(bare)).toMatchObject([{ section: 'frontend web', lines: [choice('api')] }]);
    const without = bare.slice(0, bare.indexOf('backend api\n    balance')).replace('    default_backend api\n', '');
    expect(ofChoice(without)).toMatchObject([{ section: 'frontend web', lines: [choice('api-blue')] }]);
  });

  test('keeps the condition of the line whose place it takes, in each frontend that has one', () => {
    const two = `${bare}\nfrontend admin\n    bind 127.0.0.1:18098\n    use_backend api if { path_beg /admin }\n`;
    expect(ofChoice(two)).toMatchObject([
      { section: 'frontend web', lines: [choice('api')] },
      { section: 'frontend admin', lines: [`${choice('api')} if { path_beg /admin }`] },
    ]);
  });

  test('goes by the map that is there, and by no comment', () => {
    expect(ofChoice(chosen)).toEqual([]);
    expect(ofChoice(chosen.replace('use_backend', '# use_backend'))).toHaveLength(1);
    const other = chosen.replace('str(api)', 'str(web)').replace('/var/lib/haproxy/sets.map', '/srv/all.map');
    expect(ofChoice(other)).toMatchObject([{ lines: [choice('api-blue', '/srv/all.map')] }]);
  });
});

describe('canary', () => {
  const weighed: BackendNeed = { ...need, weighed: true };
  const balanced = (...lines: string[]) =>
    full.replace(
      '    option redispatch 1\n',
      `    option redispatch 1\n${lines.map((line) => `    ${line}\n`).join('')}`,
    );

  test.each(['static-rr', 'first'])('asks for another balance than %s, whose shares stay as they are', (algorithm) => {
    const advice = advise(balanced(`balance ${algorithm}`), {}, [weighed]);
    expect(advice).toMatchObject([
      {
        severity: 'must',
        section: 'backend api',
        what: `balance ${algorithm} takes no shares at run time`,
        lines: ['balance roundrobin'],
      },
    ]);
    expect(check(balanced(...advice.flatMap(({ lines }) => lines)))).not.toMatch(/ALERT|WARNING/);
  });

  test.each(['source', 'uri', 'hdr(x-user)', 'url_param id'])('asks for a consistent hash with %s', (algorithm) => {
    const advice = advise(balanced(`balance ${algorithm}`), {}, [weighed]);
    expect(advice).toMatchObject([{ severity: 'must', section: 'backend api', lines: ['hash-type consistent'] }]);
    const advised = balanced(`balance ${algorithm}`, ...advice.flatMap(({ lines }) => lines));
    expect(advise(advised, {}, [weighed])).toEqual([]);
    expect(check(advised)).not.toMatch(/ALERT|WARNING/);
  });

  test.each(['roundrobin', 'leastconn', 'random', 'random(3)'])('is content with %s', (algorithm) => {
    expect(advise(balanced(`balance ${algorithm}`), {}, [weighed])).toEqual([]);
  });

  test('asks it of no other strategy, and looks at defaults too', () => {
    expect(advise(balanced('balance source'))).toEqual([]);
    const inherited = full.replace('    mode http\n', '    mode http\n    balance source\n');
    expect(advise(inherited, {}, [weighed])).toHaveLength(1);
    expect(advise(inherited, {}, [{ ...weighed, backend: 'new' }])[0]?.lines).toContain('    balance roundrobin');
    expect(advise(full, {}, [weighed])).toEqual([]);
  });
});

test('reads quotes, escapes, comments, names and what a section takes over from defaults', () => {
  const { sections } = readHaproxyConfig(`
defaults base # all
  option redispatch 1
  timeout connect 1s
defaults strict from base
  no option redispatch
backend "my api" from strict
  http-check send hdr Host "a \\"b\\" # c" uri '/x y' path\\ one#no
listen other from base
backend last
`);
  const names = sections.map(({ kind, name }) => `${kind} ${name}`);
  expect(names).toEqual(['defaults base', 'defaults strict', 'backend my api', 'listen other', 'backend last']);
  const [, , api, other, last] = sections;
  expect(api?.lines).toEqual([['http-check', 'send', 'hdr', 'Host', 'a "b" # c', 'uri', '/x y', 'path one']]);
  expect(lineOf(api!.effective, 'option', 'redispatch')).toBeUndefined();
  expect(lineOf(api!.effective, 'timeout', 'connect')).toEqual(['timeout', 'connect', '1s']);
  expect(lineOf(other!.effective, 'option', 'redispatch')).toEqual(['option', 'redispatch', '1']);
  expect(lineOf(last!.effective, 'option', 'redispatch')).toBeUndefined();
});

/**
 * Follows the advice as a person would. Each line goes into its section, servers at its end, in place of a line that
 * begins alike.
 */
function follow(config: string, advice: Advice[]): string {
  return advice.reduce((text, { section, why, lines }) => {
    const former = /takes the place of "(.*)"/.exec(why)?.[1];
    if (former) return text.replace(former, lines[0]!);
    if (section === 'end of file') return `${text}\n${lines.join('\n')}\n`;
    const replaced = lines
      .map((line) => /^(stats socket|timeout connect)/.exec(line)?.[0])
      .filter((begin) => begin !== undefined);
    const kept = text.split('\n').filter((line) => !replaced.some((begin) => line.trim().startsWith(begin)));
    const start = kept.indexOf(section) + 1;
    const end = kept.findIndex((line, index) => index >= start && line.trim() === '');
    kept.splice(lines[0]?.startsWith('server-template') ? end : start, 0, ...lines.map((line) => `    ${line}`));
    return kept.join('\n');
  }, config);
}

/** Replaces the path of a map; the rest of its line stays. */
const mapIn = (path: string) => (found: string) => `${found.slice(0, found.lastIndexOf('(') + 1)}${path}`;

/** Returns the output of `haproxy -c` for a configuration. */
function check(config: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'belay-haproxy-check-'));
  const path = join(dir, 'haproxy.cfg');
  const state = join(dir, 'state');
  writeFileSync(state, '1\n');
  const map = join(dir, 'sets.map');
  writeFileSync(map, '');
  writeFileSync(path, config.replace('/var/lib/haproxy/server-state', state).replaceAll(/\S+sets.map/g, mapIn(map)));
  try {
    return execFileSync('sh', ['-c', 'haproxy -c -f "$0" 2>&1', path], { encoding: 'utf8' });
  } finally {
    rmSync(dir, { recursive: true });
  }
}
