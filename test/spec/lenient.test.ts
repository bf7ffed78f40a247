import { lenientChecks, lenientTests } from '../../src/spec/lenient';
import { ServiceSpec, Spec } from '../../src/spec/spec';

const said = (words: object) => lenientChecks(ServiceSpec.parse(words));
const all = ['1xx', '2xx', '3xx', '4xx', '5xx'];
const every = 'takes every status: errors pass too. Leave out 5xx, or write json with a member of the answer';
const idle = (command: string) =>
  `cannot fail (${command}): it passes whatever the instance does. Run a program that asks it`;

test('a check that passes whatever the instance does is said, with its place', () => {
  expect(said({ health: { ready: { command: ['true'] }, live: { command: ['sh', '-c', 'check || true'] } } })).toEqual([
    `health.ready ${idle('true')}`,
    `health.live ${idle('sh -c check || true')}`,
  ]);
  expect(said({ health: { ready: { http: '/', status: all } } })).toEqual([`health.ready ${every}`]);
  expect(said({ validate: [{ name: 'smoke', https: '/', status: [200, '5xx', '4xx', '3xx', '2xx'] }] })).toEqual([
    `test smoke ${every}`,
  ]);
});

test('so is a test of the whole platform', () => {
  const validate = [
    { name: 'smoke', http: 'http://localhost/', status: all },
    { name: 'home', http: 'http://localhost/', status: '2xx' },
    { name: 'order', command: ['true'] },
  ];
  const spec = Spec.parse({ platform: 'shop', services: { api: { image: 'shop/api:1' } }, validate });
  expect(lenientTests(spec.validate)).toEqual([
    `test smoke ${every}`,
    `test order ${idle('true').replace('the instance', 'the platform')}`,
  ]);
});

test('so is a need', () => {
  expect(said({ needs: [{ tcp: 'db:1' }, { command: ['sh', '-c', 'exit 0'] }, { command: ['./up'] }] })).toEqual([
    `needs[1] ${idle('sh -c exit 0').replace('the instance', 'its dependency')}`,
  ]);
});

test('one that can fail is not', () => {
  expect(said({ health: { ready: { command: ['/bin/check'] }, live: { command: ['sh', '-c', 'check'] } } })).toEqual(
    [],
  );
  expect(said({ health: { ready: { http: '/', status: ['2xx', '3xx', '4xx'] } } })).toEqual([]);
  expect(said({ health: { ready: { http: '/', status: all, json: { up: true } } } })).toEqual([]);
  expect(said({ health: { ready: { http: '/' }, live: { tcp: 80 } } })).toEqual([]);
});
