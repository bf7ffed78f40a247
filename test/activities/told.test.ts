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

/** Each answer in turn: a version, or a status without one; the last one is for good. */
type Answers = Array<string | number>;

let requests = 0;

/** Asks a proxy that answers so; the attempts before took so many milliseconds. */
async function asked(answers: Answers, more: Partial<AskedVersion> = {}, elapsed = 0): Promise<StepResult> {
  const home = mkdtempSync(join(tmpdir(), 'belay-told-'));
  const runtime = fakeRuntime();
  requests = 0;
  const proxy = http((_, response) => {
    const answer = answers[Math.min(requests++, answers.length - 1)]!;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.end(JSON.stringify({ version: answer }));
  });
  try {
    return await serving(proxy, async (port) => {
      const step: Partial<ValidateStep> = {
        ...{ id: 'api/validate/told', kind: 'validate', service: 'api', host: 'h', epoch: 1, needs: [] },
        ...{ title: 'told', instances: [] },
        asked: {
          version: { http: '/version', port: 8080, told: { json: 'version', version: 'v2.0.0' } },
          fronts: [{ host: '127.0.0.1', port, shared: true }],
          count: 5,
          ...more,
        },
      };
      const input = { format: 1, step, round: 1, platform: 'shop', engine: await runtime.identity(), proxies: {} };
      const info = { attempt: 2, heartbeatDetails: { elapsed, memory: {} } };
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
  const answers = ['1.0.0', '2.0.0', '1.0.0', 503, '2.0.0'];
  await expect(asked(answers, every, 10_000)).rejects.toMatchObject({
    code: 'smoke-failed',
    message: expect.stringMatching(
      /^not every answer through the proxy tells version v2\.0\.0, after 10s: 127\.0\.0\.1:\d+: 2 × 1\.0\.0, 2 × v2\.0\.0, 1 × answered 503, not 200$/,
    ),
  });
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

test('takes an address that tells no version for no proof', async () => {
  const { note } = await asked([301], every);
  expect(requests).toBe(3);
  expect(note).toMatch(/: 3 × answered 301, not 200; that tells no version, and proves nothing$/);
});
