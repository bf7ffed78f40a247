import { probe } from '../../src/probes';
import { samplesOf } from '../../src/probes/prometheus';
import { check, http, instanceAt, serving } from '../contracts/probe-contract';

const text = `# HELP queue_depth Waiting jobs.
# TYPE queue_depth gauge
queue_depth{queue="mail",host="a}b \\"c\\""} 3 1700000000000
queue_depth{queue="pay",} 1.5e1
up 1
last_seconds +Inf
broken nothing
`;

test('reads samples with labels, and passes over the rest', () => {
  expect(samplesOf(text)).toEqual([
    { name: 'queue_depth', labels: { queue: 'mail', host: 'a}b "c"' }, value: 3 },
    { name: 'queue_depth', labels: { queue: 'pay' }, value: 15 },
    { name: 'up', labels: {}, value: 1 },
    { name: 'last_seconds', labels: {}, value: Infinity },
  ]);
});

const on = (wanted: object, status = 200) =>
  serving(
    http((request, response) => void response.writeHead(request.url === '/metrics' ? status : 404).end(text)),
    (port) =>
      probe({
        instance: instanceAt(port),
        check: check({ metric: { port: 8080, path: '/metrics', name: 'queue_depth', ...wanted } }),
      }),
  );

test.each([
  [{ labels: { queue: 'mail' }, max: 3 }, undefined],
  [{ labels: { queue: 'mail' }, min: 3 }, undefined],
  [{ max: 10 }, 'queue_depth is 15, above 10'],
  [{ min: 4 }, 'queue_depth is 3, below 4'],
  [{ labels: { queue: 'none' }, max: 10 }, 'queue_depth is absent with these labels'],
  [{ name: 'depth', max: 10 }, 'depth is absent'],
  [{ path: '/', max: 10 }, 'answered 404, not 200'],
])('bounds each sample: %j', async (wanted, why) => {
  expect(await on(wanted)).toEqual(why === undefined ? { healthy: true } : { healthy: false, why });
});
