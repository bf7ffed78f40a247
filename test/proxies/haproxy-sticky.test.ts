import { keepsClients } from '../../src/proxies/haproxy/sticky';

const config = (lines: string[], defaults: string[] = []) =>
  [
    'defaults',
    ...defaults,
    'backend other',
    'cookie OTHER insert',
    'backend api',
    'balance source',
    'server-template s 1-3 127.0.0.1:8080 check disabled',
    ...lines,
  ].join('\n');

test.each([
  ['a cookie', ['cookie SRV insert indirect dynamic'], true],
  ['a table by address', ['stick-table type ip size 10k', 'stick on src'], true],
  ['a table that is filled elsewhere', ['stick match src table other'], true],
  ['a rule for one server', ['use-server s1 if { path /admin }'], true],
  ['the cookie of a remote desktop', ['persist rdp-cookie'], true],
  ['a table that only counts', ['stick-table type ip size 10k store http_req_rate(10s)'], false],
  ['nothing but the order of servers', [], false],
])('a server that drains is given requests by %s: %s', (_what, lines, expected) => {
  expect(keepsClients(config(lines), 'api')).toBe(expected);
});

test('what holds by default holds for the backend, unless it takes that back', () => {
  expect(keepsClients(config([], ['cookie SRV insert']), 'api')).toBe(true);
  expect(keepsClients(config(['no cookie'], ['cookie SRV insert']), 'api')).toBe(false);
});
