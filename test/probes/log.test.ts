import { BelayError } from '../../src/errors';
import { probe } from '../../src/probes';
import type { ReadLog } from '../../src/probes/probe';
import { check, instanceAt } from '../contracts/probe-contract';

const asked = (wanted: string, log: ReadLog, timeout = 5_000) =>
  probe({ instance: instanceAt(1), check: check({ log: wanted, timeout }), log });

const said = 'starting\r\n\u001b[32mListening\u001b[0m on :8080\nserves (all) paths';
const none = {
  healthy: false,
  why: 'no line of its log since its start is the one that health.ready.log names',
};

test.each([
  ['Listening on', true],
  ['listening on', false],
  ['/listening on :\\d+$/i', true],
  ['/^on/', false],
  ['(all)', true],
  ['on :8080 serves', false],
  ['/starting$/', true],
])('looks for %s in each line', async (wanted, expected) => {
  expect(await asked(wanted, async () => said)).toEqual(expected ? { healthy: true } : none);
});

test('waits for a log no longer than the time-out', async () => {
  const never: ReadLog = () => new Promise(() => undefined);
  expect(await asked('up', never, 50)).toEqual({ healthy: false, why: 'no answer within 50ms' });
});

test('leaves a silent engine to the step', async () => {
  const silent = asked('up', async () => {
    throw new BelayError('engine-unreachable', 'the Docker Engine does not answer');
  });
  await expect(silent).rejects.toMatchObject({ code: 'engine-unreachable' });
});
