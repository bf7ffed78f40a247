import { createServer } from 'node:https';
import { ServerCredentials } from '@grpc/grpc-js';
import type { DesiredCheck } from '../../src/model/desired';
import { probe } from '../../src/probes';
import { check, instanceAt, serving } from '../contracts/probe-contract';
import { certificate } from './certificate';
import { servingGrpc } from './grpc-server';
import { reflecting } from './reflecting-server';

const authority = certificate();
const { key, cert } = certificate(authority);
const ca = authority.cert.toString();
const other = certificate().cert.toString();
const byGrpc = ServerCredentials.createSsl(null, [{ private_key: key, cert_chain: cert }]);
const untrusted = 'TLS: its certificate is not trusted, or has another name';

const asking = (words: Partial<DesiredCheck>) => (port: number) =>
  probe({ instance: instanceAt(port), check: check({ server_name: 'shop.example.com', ...words }) });
const ways = {
  https: (more: object) =>
    serving(
      createServer({ key, cert }, (_, response) => void response.end()),
      asking({ https: '/', port: 8080, ...more }),
    ),
  grpc: (more: object) => servingGrpc({ '': 1 }, asking({ grpc: 8080, tls: true, ...more }), byGrpc),
  'grpc with a call': (more: object) =>
    reflecting({ answer: () => 'OK' }, asking({ grpc: 8080, call: 'shop.Orders/Get', tls: true, ...more }), byGrpc),
};

test.each([
  ['https', 'TLS: ERR_TLS_CERT_ALTNAME_INVALID', 'TLS: UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['grpc', untrusted, untrusted],
  ['grpc with a call', untrusted, untrusted],
] as const)('%s accepts a certificate by its name and its authority alone', async (kind, wrongName, unknown) => {
  const ask = ways[kind];
  expect(await ask({ ca })).toEqual({ healthy: true });
  expect(await ask({ ca: other + ca })).toEqual({ healthy: true });
  expect(await ask({ ca, server_name: 'orders.example.com' })).toEqual({ healthy: false, why: wrongName });
  expect(await ask({ ca: other })).toEqual({ healthy: false, why: expect.stringMatching(/^TLS: /) });
  expect(await ask({})).toEqual({ healthy: false, why: unknown });
});
