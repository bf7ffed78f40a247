import { plainGet } from '../../src/spec/init/knowledge/plain-get';

const shell = (script: string) => plainGet(['CMD-SHELL', script]);
const healthz = { port: 3000, path: '/healthz', exact: false };

test.each([
  'curl -f http://localhost:3000/healthz',
  'curl --fail --silent http://127.0.0.1:3000/healthz || exit 1',
  'curl -fsSL -o /dev/null --max-time 5 localhost:3000/healthz',
  'curl -fsSo /dev/null -m 5 "http://localhost:3000/healthz" || false',
  "/usr/bin/curl -f 'http://[::1]:3000/healthz' > /dev/null 2>&1 || exit 1",
  'wget --no-verbose --tries=1 --spider http://localhost:3000/healthz || exit 1',
  'wget -qO- http://localhost:3000/healthz',
  'wget -q -T 2 -nv -O /dev/null http://0.0.0.0:3000/healthz',
  `node -e "fetch('http://localhost:3000/healthz').then(r => process.exit(r.ok ? 0 : 1)).catch(() => process.exit(1))"`,
  `node -e "fetch('http://localhost:3000/healthz').then(r => process.exit(r.status === 200 ? 0 : 1))"`,
  `python3 -c "import urllib.request; urllib.request.urlopen('http://localhost:3000/healthz')"`,
  `python3 -c "from urllib.request import urlopen; urlopen('http://localhost:3000/healthz')"`,
  `python3 -c "import sys, urllib.request as u; sys.exit(u.urlopen('http://localhost:3000/healthz').status >= 300)"`,
  `python -c "import requests; requests.get('http://localhost:3000/healthz', timeout=2).raise_for_status()"`,
])('a HEALTHCHECK is a plain GET: %s', (script) => {
  const host = /(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):3000/.exec(script)![0];
  expect(shell(script)).toEqual({ ...healthz, host });
  expect(plainGet(['CMD', 'sh', '-c', script])).toEqual({ ...healthz, host });
});

test('a HEALTHCHECK without a shell is a plain GET, also at the root of port 80', () => {
  expect(plainGet(['CMD', 'curl', '-f', 'http://localhost'])).toEqual({
    host: 'localhost',
    port: 80,
    path: '/',
    exact: false,
  });
  const code =
    "require('http').get('http://localhost:3000/healthz', (r) => process.exit(r.statusCode === 200 ? 0 : 1))";
  expect(plainGet(['CMD', 'node', '-e', code])).toEqual({ ...healthz, host: 'localhost:3000', exact: true });
});

test.each([
  ['no status counts', 'curl http://localhost:3000/healthz'],
  ['a header', 'curl -f -H "X-Forwarded-Proto: https" http://localhost:3000/healthz'],
  ['another method', 'curl -f --head http://localhost:3000/healthz'],
  ['a body', 'curl -f -d x http://localhost:3000/healthz'],
  ['a pipe', 'curl -sf http://localhost:3000/healthz | grep -q UP'],
  ['two requests', 'curl -f http://localhost:3000/a http://localhost:3000/b'],
  ['two commands', 'test -f /ready && curl -f http://localhost:3000/healthz'],
  ['a variable', 'curl -f http://localhost:$PORT/healthz'],
  ['a variable in quotes', 'curl -f "http://localhost:3000/$NAME"'],
  ['another host', 'curl -f http://api:3000/healthz'],
  ['TLS', 'curl -fk https://localhost:3000/healthz'],
  ['a client of its own', '/health-check --port 3000'],
  ['an answer that is read', `python -c "import requests; requests.get('http://localhost:3000/').json()['ok']"`],
  [
    'a body that is read',
    `python -c "from urllib.request import *; assert urlopen('http://localhost:3000/').read() == b'ok'"`,
  ],
  [
    'a file beside the request',
    `node -e "require('fs').accessSync('/ready'); fetch('http://localhost:3000/').then(r => process.exit(r.ok ? 0 : 1))"`,
  ],
  ['a socket beside it', `python -c "import sys as s, socket; urlopen('http://localhost:3000/')"`],
  [
    'a redirect that fails',
    `node -e "require('http').get('http://localhost:3000/', r => process.exit(r.statusCode < 300 ? 0 : 1))"`,
  ],
  ['a status that counts for nothing', `node -e "fetch('http://localhost:3000/').then(() => process.exit(0))"`],
  [
    'a fault of the client that passes',
    `node -e "fetch('http://localhost:3000/').then(r => process.exit(r.status < 500 ? 0 : 1))"`,
  ],
  [
    'a request in parts',
    `node -e "fetch('http://localhost:3000/', { method: 'POST' }).then(r => process.exit(r.ok ? 0 : 1))"`,
  ],
  ['a file', 'node healthcheck.js'],
])('a HEALTHCHECK is no plain GET: %s', (_why, script) => expect(shell(script)).toBeUndefined());

test('no HEALTHCHECK is no plain GET', () => {
  expect([plainGet(undefined), plainGet(['NONE']), plainGet(['CMD'])]).toEqual([undefined, undefined, undefined]);
});
