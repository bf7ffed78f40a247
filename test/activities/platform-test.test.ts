import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps, StepInput } from '../../activities';
import { plan } from '../../activities/planning/release';
import { validate } from '../../activities/steps/validate';
import { peekFence, releaseFence, takeFence } from '../../src/hosts/fence';
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

describe('a command', () => {
  const program = (text: string) => writeFileSync(join(folder, 'order'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const tests = [{ name: 'order', command: ['./order', '--all'] }];

  test('runs on the host, and is told the platform alone', async () => {
    program('echo "$BELAY_PLATFORM,$BELAY_SERVICE,$BELAY_INSTANCE,$BELAY_ADDRESS,$*,$PWD" > told');
    const made = await planned(tests);
    expect(testsIn(made)[0]!.smoke!.asked).toEqual({
      kind: 'command',
      text: './order --all',
      command: ['./order', '--all'],
      folder,
    });
    expect(await asked(made)).toBe('ended with 0');
    expect(readFileSync(join(folder, 'told'), 'utf8')).toBe(`shop,,,,--all,${folder}\n`);
  });

  test('fails by its exit code, and by what it says', async () => {
    program('echo no order; exit 2');
    expect(await asked(await planned(tests))).toBe('smoke-failed: order: ended with 2: no order');
  });

  test('that is missing, or cannot fail, is named when the plan is made', async () => {
    await expect(planned(tests)).rejects.toThrow(/^belay\.yaml:\d+:\d+ validate\[0\]\.command: \.\/order is not there/);
    const { warnings } = await planned([{ name: 'order', command: ['sh', '-c', 'exit 0'] }]);
    expect(warnings).toContainEqual(
      expect.stringContaining('test order cannot fail (sh -c exit 0): it passes whatever the platform does'),
    );
  });
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

describe('once the release is closed', () => {
  const heads = { api: 2 };
  const later = { name: 'smoke', later: '1h', every: '1ms' };
  const ledgerOf = (service: string) => deps.ledger.of({ platform: 'shop', service });
  beforeEach(async () => {
    await ledgerOf('api').setHead(2);
    await ledgerOf('web').setHead(5);
  });

  /** Measures an address that answers with these, with so many measurements. */
  async function watched(count: number, ...answers: Answer[]) {
    let made = 0;
    const shop = http((request, response) => answers[Math.min(made++, answers.length - 1)]!(request, response));
    return await serving(shop, async (port) => {
      const plan = await planned([{ ...later, when: ['after'], http: `http://127.0.0.1:${port}/` }]);
      const { smoke } = testsIn(plan)[0]!;
      return { said: await asked(plan, { step: { series: true, heads, smoke: { ...smoke!, count } } }), made };
    });
  }

  test('counts each failure, and ends well with its last measurement', async () => {
    expect(await watched(3, ok)).toEqual({
      said: 'advance: 3 of 3 measurements passed, latest: answered as it has to',
      made: 3,
    });
    expect((await watched(3, broken)).said).toMatch(/^smoke-failed: smoke: roll back: 1 measurement failed/);
  });

  test.each([
    ['api', 3],
    ['web', 6],
    ['new', 1],
  ])('ends once %s has another revision: a fault is not of this release', async (service, head) => {
    const released: Answer = async (_, response) => {
      await ledgerOf(service).setHead(head);
      response.end();
    };
    expect((await watched(100, released, broken)).said).toMatch(/; another release has come$/);
  });

  test('measures nothing while another release has a service', async () => {
    const token = {
      platform: 'shop',
      service: 'web',
      epoch: 1,
      step: 'web/claim',
      attempt: 1,
      owner: { workflowId: 'release/other', runId: '1' },
    };
    const isOpen = async () => 'open' as const;
    const taken: Answer = async (_, response) => {
      await takeFence({ home, token, ...deps.temporal, isOpen, takeOver: false });
      response.end();
    };
    const { services } = deps.ledger;
    let looks = 0;
    const isTaken = async () => (await peekFence({ home, platform: 'shop', service: 'web' }))?.owner !== undefined;
    const counted = async (platform: string) => {
      if (await isTaken()) looks += 1;
      if (looks === 5) await releaseFence({ home, token });
      return await services(platform);
    };
    deps = { ...deps, ledger: { ...deps.ledger, services: counted } };
    const { said, made } = await watched(2, taken, ok);
    expect({ said, made, looks }).toEqual({ said: expect.stringMatching(/^advance: 2 of 2/), made: 2, looks: 5 });
  });

  describe('while a terminated release still has the fence of a service', () => {
    const left = (runId: string) =>
      takeFence({
        home,
        token: {
          platform: 'shop',
          service: 'web',
          epoch: Number(runId),
          step: 'web/claim',
          attempt: 1,
          owner: { workflowId: 'release/other', runId },
        },
        ...deps.temporal,
        takeOver: false,
      });
    beforeEach(() => {
      deps = { ...deps, temporal: { ...deps.temporal, isOpen: async () => 'closed' } };
    });

    test('measures as ever, if it had it before', async () => {
      await left('1');
      expect((await watched(2, ok)).said).toMatch(/^advance: 2 of 2/);
    });

    test('ends, if it has come since', async () => {
      const taken: Answer = async (_, response) => {
        await left('1');
        response.end();
      };
      expect((await watched(100, taken, broken)).said).toMatch(/; another release has come$/);
    });
  });
});

test('asks an address for a metric, by its bounds', async () => {
  const metrics = http((_, response) => response.end('queue_depth{queue="mail"} 12\nqueue_depth{queue="sms"} 1\n'));
  await serving(metrics, async (port) => {
    const metric = { url: `http://127.0.0.1:\${PORT}/metrics`, name: 'queue_depth' };
    const ask = async (more: object) =>
      asked(await planned([{ name: 'queue', metric: { ...metric, ...more } }], { PORT: port }));
    expect(await ask({ max: 12 })).toBe('answered as it has to');
    expect(await ask({ max: 11 })).toBe('smoke-failed: queue: queue_depth is 12, above 11');
    expect(await ask({ max: 11, labels: { queue: 'sms' } })).toBe('answered as it has to');
  });
  await expect(planned([{ name: 'queue', metric: { url: `http://\${HOST}/`, name: 'q', max: 1 } }])).rejects.toThrow(
    'validate[0].metric.url: HOST is not set',
  );
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
