import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput, StepResult } from '../../activities';
import { validate } from '../../activities/steps/validate';
import type { AskedVersion, ValidateStep } from '../../src/model/plan';
import { http, serving } from '../contracts/probe-contract';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

/** Each answer in turn: a version, a status without one, or 0 for none; the last one is for good. */
type Answers = Array<string | number>;

interface Asked extends Partial<AskedVersion> {
  addresses?: number;
  isLate?: boolean;
}

let requests = 0;

/** Asks a proxy that answers so, at so many addresses; the attempts before took all of the first one's time, or none. */
async function asked(answers: Answers, { addresses = 1, isLate = false, ...more }: Asked = {}): Promise<StepResult> {
  const home = mkdtempSync(join(tmpdir(), 'belay-told-'));
  const runtime = fakeRuntime();
  requests = 0;
  const proxy = http((_, response) => {
    const answer = answers[Math.min(requests++, answers.length - 1)]!;
    if (answer === 0) response.destroy();
    else if (typeof answer === 'number') response.writeHead(answer).end();
    else response.end(JSON.stringify({ version: answer }));
  });
  try {
    return await serving(proxy, async (port) => {
      const step: Partial<ValidateStep> = {
        ...{ id: 'api/validate/told', kind: 'validate', service: 'api', host: 'h', epoch: 1, needs: [] },
        ...{ title: 'told', instances: [] },
        asked: {
          version: { http: '/version', port: 8080, told: { json: 'version', version: 'v2.0.0' } },
          fronts: Array.from({ length: addresses }, () => ({ host: '127.0.0.1', port, shared: true })),
          count: 5,
          ...more,
        },
      };
      const input = { format: 1, step, round: 1, platform: 'shop', engine: await runtime.identity(), proxies: {} };
      const info = { attempt: 2, heartbeatDetails: isLate ? { elapsed: 10_000, memory: { '0 began': '0' } } : {} };
      return await runActivity(
        validate(fakeDeps({ home, runtime })),
        input as unknown as StepInput<ValidateStep>,
        info,
      );
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const every = { every: true as const };

test('asks until every answer in a row tells the new version', async () => {
  const { note } = await asked(['1.0.0', '2.0.0', '1.0.0', '2.0.0', '2.0.0', '2.0.0'], every);
  expect(requests).toBe(10);
  expect(note).toMatch(/^127\.0\.0\.1:\d+: 5 × v2\.0\.0$/);
});

test('says which versions answered how many times, when its time is over', async () => {
  const answers = [...Array(5).fill('1.0.0'), '2.0.0', '1.0.0', 503, '2.0.0', '1.0.0'];
  await expect(asked(answers, { ...every, isLate: true })).rejects.toMatchObject({
    code: 'smoke-failed',
    message: expect.stringMatching(
      /^not every answer through the proxy tells version v2\.0\.0, after 10s: 127\.0\.0\.1:\d+: 2 × v2\.0\.0, 3 × 1\.0\.0, 1 × answered 503, not 200$/,
    ),
  });
});

test('asks again where a request fails, and says how many did', async () => {
  const { note } = await asked(['2.0.0', '2.0.0', 503, 0, '2.0.0'], { ...every, isLate: true });
  expect(requests).toBe(7);
  expect(note).toMatch(/: 5 × v2\.0\.0, 1 × answered 503, not 200, 1 × connection closed without an answer$/);
});

test.each([
  ['503 from the first request on', [503], '6 × answered 503, not 200'],
  ['no answer', [0], '6 × connection closed without an answer'],
  ['the new version, and refusals after it', [...Array(4).fill('2.0.0'), 429], '6 × answered 429, not 200'],
  ['the former version, and errors in the next series', [...Array(5).fill('1.0.0'), 404], '6 × answered 404, not 200'],
])('fails for a proxy that gives %s', async (_, answers, said) => {
  await expect(asked(answers, { ...every, isLate: true })).rejects.toMatchObject({
    code: 'smoke-failed',
    message: expect.stringMatching(
      new RegExp(`^too many requests through the proxy fail, .*v2\\.0\\.0, after 10s: 127\\.0\\.0\\.1:\\d+: ${said}$`),
    ),
  });
});

test('gives a second address time of its own, and a slow series another one', async () => {
  const answers = [...Array(5).fill('1.0.0'), ...Array(5).fill('2.0.0'), '1.0.0', '2.0.0'];
  const { note } = await asked(answers, { ...every, isLate: true, addresses: 2 });
  expect(requests).toBe(20);
  expect(note?.match(/: 5 × v2\.0\.0/g)).toHaveLength(2);
});

test('is content with one answer where the new version has a share', async () => {
  await asked(['1.0.0', '1.0.0', '1.0.0', '2.0.0']);
  expect(requests).toBe(4);
});

test('fails after so many answers where none of them tells the new version', async () => {
  await expect(asked(['1.0.0'])).rejects.toMatchObject({
    code: 'smoke-failed',
    message: expect.stringMatching(/no answer through the proxy tells version v2\.0\.0: .*: 5 × 1\.0\.0$/),
  });
  expect(requests).toBe(5);
});

test.each([301, 401, 404])('takes an address that tells no version, but %d, for no proof', async (status) => {
  const { note } = await asked([status], every);
  expect(requests).toBe(3);
  expect(note).toMatch(
    new RegExp(`^127\\.0\\.0\\.1:\\d+: 3 × answered ${status}, not 200; that tells no version, and proves nothing$`),
  );
});
