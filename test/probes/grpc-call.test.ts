import type { DesiredCheck } from '../../src/model/desired';
import { probe } from '../../src/probes';
import { check, instanceAt, probeContract } from '../contracts/probe-contract';
import { type Answering, reflecting } from './reflecting-server';

const get = check({ grpc: 8080, call: 'shop.Orders/Get', codes: ['NOT_FOUND', 'OK'] });
const key = { order_key: { id: 'x', lane: 'SLOW' }, numbers: [7, 8] };
const wellKnown: Answering = (request) => (JSON.stringify(request) === JSON.stringify(key) ? 'OK' : 'INVALID_ARGUMENT');

const asked = (more: Partial<DesiredCheck>, answer: Answering, version?: 'v1' | 'v1alpha') =>
  reflecting({ version, answer }, (port) => probe({ instance: instanceAt(port), check: { ...get, ...more } }));

probeContract('a gRPC call', probe, get, (use) => reflecting({ answer: () => 'NOT_FOUND' }, use));

test.each([
  ['NOT_FOUND', { healthy: true }],
  ['OK', { healthy: true }],
  ['UNAUTHENTICATED', { healthy: false, why: 'answered UNAUTHENTICATED, not NOT_FOUND or OK' }],
  ['INTERNAL', { healthy: false, why: 'answered INTERNAL, not NOT_FOUND or OK' }],
  ['UNIMPLEMENTED', { healthy: false, why: 'it has no shop.Orders/Get' }],
  ['hangs', { healthy: false, why: 'no answer within 100ms' }],
] as const)('an empty request needs no reflection, and its status decides: %s', async (status, expected) => {
  expect(await asked({ timeout: 100 }, (request) => (Object.keys(request).length === 0 ? status : 'OK'))).toEqual(
    expected,
  );
});

test.each(['v1', 'v1alpha'] as const)('sends a message by the fields that reflection %s tells', async (version) => {
  expect(await asked({ message: key }, wellKnown, version)).toEqual({ healthy: true });
  expect(await asked({ message: { order_key: { id: 'y' } } }, wellKnown, version)).toEqual({
    healthy: false,
    why: 'answered INVALID_ARGUMENT, not NOT_FOUND or OK',
  });
});

test.each<[string, Partial<DesiredCheck>, string]>([
  [
    'a field that is none',
    { message: { order_id: 'x' } },
    'the request of shop.Orders/Get has no field order_id, or it has no such value',
  ],
  [
    'a value that is none',
    { message: { order_key: { lane: 'NONE' } } },
    'the request of shop.Orders/Get has no field order_key.lane, or it has no such value',
  ],
  ['a method that is none', { call: 'shop.Orders/Put', message: key }, 'shop.Orders has no method Put'],
  ['a service that is none', { call: 'shop.Carts/Get', message: key }, 'its reflection does not know shop.Carts'],
  [
    'a stream',
    { call: 'shop.Orders/Watch', message: key },
    'shop.Orders/Watch streams, and a check makes a unary call',
  ],
])('names %s', async (_what, more, why) => {
  expect(await asked(more, () => 'OK', 'v1')).toEqual({ healthy: false, why });
});

test('says that a message needs reflection', async () => {
  expect(await asked({ message: key }, () => 'OK')).toEqual({
    healthy: false,
    why: 'it has no server reflection, which tells the fields of a message: write proto',
  });
});
