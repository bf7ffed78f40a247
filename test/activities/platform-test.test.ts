import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps, StepInput } from '../../activities';
import { plan } from '../../activities/planning/release';
import { validate } from '../../activities/steps/validate';
import type { Plan, ValidateStep } from '../../src/model/plan';
import { isOfPlatform } from '../../src/model/whole-platform';
import { http, serving } from '../contracts/probe-contract';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { composeLabels, runs } from '../fakes/running';

const secret = 'only-the-host-knows';

let home: string;
let folder: string;
let deps: Deps;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'belay-platform-test-'));
  folder = join(home, 'specs', 'shop');
  mkdirSync(folder, { recursive: true });
  const runtime = fakeRuntime();
  runtime.addImage('shop/api:1');
  await runs(runtime, { name: 'cache', image: 'cache', labels: composeLabels('cache') });
  deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')] });
  writeFileSync(join(folder, 'compose.yaml'), 'services: { api: { image: shop/api:1 }, cache: { image: cache } }\n');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Makes a plan for real, of a release that nothing runs before. */
async function planned(
  tests: object[],
  dotenv: Record<string, string | number> = {},
  services: object = { api: {} },
): Promise<Plan> {
  const spec = { platform: 'shop', compose: 'compose.yaml', services, validate: tests };
  writeFileSync(join(folder, 'belay.yaml'), JSON.stringify(spec));
  const lines = Object.entries(dotenv).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, '.env'), lines.join(''));
  return await runActivity(plan(deps), { platform: 'shop' });
}

const testsIn = ({ steps }: Plan) =>
  steps.filter((step): step is ValidateStep => step.kind === 'validate' && isOfPlatform(step));

interface Asked {
  step?: Partial<ValidateStep>;
  failsBefore?: string;
}

/** Makes the first test of the plan; answers with its note, or its failure in words. */
async function asked(made: Plan, { step, failsBefore }: Asked = {}): Promise<string> {
  const { format, platform, engine, proxies, source } = made;
  const given = { ...testsIn(made)[0]!, ...step };
  const input = {
    format,
    step: given,
    round: 1,
    platform,
    engine,
    proxies,
    by: 'ana',
    reason: '',
    source,
    failsBefore,
  };
  return await runActivity(validate(deps), input as StepInput<ValidateStep>).then(
    ({ note = '' }) => note,
    ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
  );
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const ok: Answer = (_, response) => response.end('{"ok":true}');
const broken: Answer = (_, response) => response.writeHead(502).end();

test('asks as the spec says, with values of the env file, which no plan has', async () => {
  const seen: unknown[] = [];
  const shop = http(({ method, url, headers }, response) => {
    seen.push([method, url, headers.host, headers.authorization]);
    response.writeHead(201).end('{"ok":true}');
  });
  await serving(shop, async (port) => {
    const request = {
      method: 'POST',
      body: '{}',
      headers: { host: 'shop.example.com' },
      status: '2xx',
      json: { ok: true },
    };
    const made = await planned([{ name: 'smoke', http: `http://ops:\${TOKEN}@127.0.0.1:\${PORT}/order`, ...request }], {
      TOKEN: secret,
      PORT: port,
    });
    expect(JSON.stringify(made)).not.toContain(secret);
    expect(await asked(made)).toBe('answered as it has to');
  });
  const login = `Basic ${Buffer.from(`ops:${secret}`).toString('base64')}`;
  expect(seen).toEqual([['POST', '/order', 'shop.example.com', login]]);
});

test('a failure rolls back, but one before any change holds, and so does one that was there before', async () => {
  await serving(http(broken), async (port) => {
    const made = await planned([{ name: 'smoke', http: `http://127.0.0.1:${port}/` }]);
    expect(await asked(made)).toBe('smoke-failed: smoke: answered 502, not 200');
    expect(await asked(made, { step: { first: true } })).toBe(
      'inconclusive: the platform fails this test already, before the release has changed anything: smoke: answered 502, not 200',
    );
    expect(await asked(made, { failsBefore: 'a person skipped it then' })).toMatch(
      /^inconclusive: .* had not passed it/,
    );
  });
});

test('a series goes on until it fails too often', async () => {
  const answers = [ok, broken, ok, ok, ok, ok, ok, ok, broken];
  let made = 0;
  const shop = http((request, response) => answers[made++]!(request, response));
  await serving(shop, async (port) => {
    const test = { name: 'smoke', when: ['during'], http: `http://127.0.0.1:${port}/`, every: '1ms', failures: 1 };
    expect(await asked(await planned([test]))).toBe(
      'smoke-failed: smoke: roll back: 2 measurements failed, and 1 may; the last of them: answered 502, not 200',
    );
  });
  expect(made).toBe(9);
});

test('a series counts no failure before the first success: nothing may answer yet, or an old fault be mended', async () => {
  const answers = [broken, broken, broken, broken, broken, broken, broken, ok, broken];
  let made = 0;
  const shop = http((request, response) => answers[made++]!(request, response));
  await serving(shop, async (port) => {
    const test = { name: 'smoke', when: ['during'], http: `http://127.0.0.1:${port}/`, every: '1ms' };
    expect(await asked(await planned([test]))).toMatch(/^smoke-failed: smoke: roll back: 1 measurement failed/);
  });
  expect(made).toBe(9);
});

test('finds a service of Compose by its name, and says what is no address', async () => {
  const made = await planned([{ name: 'smoke', tcp: 'cache:1' }]);
  expect(await asked(made)).toBe('smoke-failed: smoke: connection refused');
  const wrong = await planned([{ name: 'smoke', tcp: `\${ADDRESS}` }], { ADDRESS: 'nowhere' });
  expect(await asked(wrong)).toBe(`spec-invalid: the platform: tcp \${ADDRESS} is not an address of tcp`);
});

test('refuses the plan for a variable that is not set, by the place of the test', async () => {
  const prometheus = { url: `http://\${PROMETHEUS}:9090`, query: 'up', max: 1 };
  const tests = [
    { name: 'smoke', http: `http://\${SHOP}:\${PORT:-80}/` },
    { name: 'rate', prometheus },
  ];
  await expect(planned(tests)).rejects.toMatchObject({
    code: 'spec-invalid',
    message: 'validate[0].http: SHOP is not set; validate[1].prometheus.url: PROMETHEUS is not set',
    hint: expect.stringContaining(`${folder}/.env`),
  });
  const own = { api: { validate: [{ name: 'rate', when: ['during'], prometheus }] } };
  await expect(planned([], {}, own)).rejects.toThrow('services.api.validate[0].prometheus.url: PROMETHEUS is not set');
  expect(testsIn(await planned(tests, { SHOP: 'shop', PROMETHEUS: 'metrics' }))).toHaveLength(2);
});

test('warns of a test that takes every status', async () => {
  const status = ['2xx', '3xx', '4xx', '5xx'];
  const { warnings } = await planned([{ name: 'smoke', http: 'http://127.0.0.1/', status }]);
  expect(warnings).toContainEqual(expect.stringContaining('test smoke takes every status'));
});

test('judges values of Prometheus once', async () => {
  const answer = (value: number) => ({ status: 'success', data: { resultType: 'scalar', result: [0, String(value)] } });
  await serving(
    http((_, response) => response.end(JSON.stringify(answer(3)))),
    async (port) => {
      const prometheus = { url: `http://127.0.0.1:${port}`, query: 'up' };
      const good = await planned([{ name: 'rate', prometheus: { ...prometheus, max: 3 } }]);
      expect(await asked(good)).toBe('advance: 1 of 1 measurements passed, latest: 3');
      const bad = await planned([{ name: 'rate', prometheus: { ...prometheus, max: 2 } }]);
      expect(await asked(bad, { step: { first: true } })).toMatch(/^inconclusive: .* 3, above max \(2\)$/);
    },
  );
});
