import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps, StepResult } from '../../activities';
import { plan } from '../../activities/planning/release';
import { preflight } from '../../activities/steps/preflight';
import { validate } from '../../activities/steps/validate';
import { releaseFence, takeFence } from '../../src/hosts/fence';
import type { Plan, PreflightStep, ValidateStep } from '../../src/model/plan';
import { needText } from '../../src/observe/needs';
import { freePort } from '../../testbed/port';
import { http, serving, tcp } from '../contracts/probe-contract';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { composeLabels, runs } from '../fakes/running';

const secret = 'only-the-host-knows';

let home: string;
let folder: string;
let runtime: FakeRuntime;
let deps: Deps;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-needs-'));
  folder = join(home, 'specs', 'shop');
  mkdirSync(folder, { recursive: true });
  runtime = fakeRuntime();
  runtime.addImage('shop/api:1');
  const proxyOf = adaptersOf(() => fakeProxy({ backends: {} }));
  deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')], proxyOf });
  const compose = `services:
  api: { image: shop/api:1 }
  cache: { image: cache }
  apart: { image: apart, networks: [other] }
networks: { other: {} }
`;
  writeFileSync(join(folder, 'compose.yaml'), compose);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Starts a service as Compose does. */
const started = (service: string) => runs(runtime, { name: service, image: service, labels: composeLabels(service) });

/** Makes a plan for real. */
async function planned(needs: object[], dotenv: Record<string, string | number> = {}, others = {}): Promise<Plan> {
  const spec = { platform: 'shop', compose: 'compose.yaml', services: { api: { needs }, ...others } };
  writeFileSync(join(folder, 'belay.yaml'), JSON.stringify(spec));
  writeFileSync(
    join(folder, '.env'),
    Object.entries(dotenv)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return await runActivity(plan(deps), { platform: 'shop', services: ['api'] });
}

const stepOf = ({ steps }: Plan) => steps.find((step): step is PreflightStep => step.kind === 'preflight')!;

async function asked(needs: object[], dotenv?: Record<string, string | number>): Promise<StepResult> {
  const made = await planned(needs, dotenv);
  const { format, platform, engine, proxies, source } = made;
  const input = { format, step: stepOf(made), round: 0, platform, engine, proxies, by: 'ana', reason: '', source };
  return await runActivity(preflight(deps), input);
}

const message = (needs: object[], dotenv?: Record<string, string | number>): Promise<string> =>
  asked(needs, dotenv).then(
    () => 'all is well',
    (error: Error) => error.message,
  );

test('a plan has needs as they are written, and nothing of what they come to', async () => {
  const made = await planned([{ postgres: `\${DATABASE_URL}` }, { tcp: 'cache:6379', required: false, within: '2s' }], {
    DATABASE_URL: `postgres://shop:${secret}@db/shop`,
  });
  expect(stepOf(made).external).toEqual([
    { kind: 'postgres', text: `\${DATABASE_URL}`, required: true, within: 10_000 },
    { kind: 'tcp', text: 'cache:6379', required: false, within: 2_000 },
  ]);
  expect(JSON.stringify(made)).not.toContain(secret);
});

test('a plan has what a need asks of its kind, and a step asks for it', async () => {
  const paths: unknown[] = [];
  const qdrant = http(({ url, headers }, response) => {
    paths.push([url, headers['api-key']]);
    response.writeHead(url === '/collections/docs' ? 404 : 200).end();
  });
  await serving(qdrant, async (port) => {
    const needs = [{ qdrant: `http://:\${KEY}@127.0.0.1:${port}`, collection: 'docs', within: '500ms' }];
    const [need] = stepOf(await planned(needs, { KEY: secret })).external ?? [];
    expect(need).toMatchObject({ kind: 'qdrant', collection: 'docs' });
    expect(await message(needs, { KEY: secret })).toBe(
      `api needs qdrant http://:\${KEY}@127.0.0.1:${port}: it has no such collection, for 500ms`,
    );
  });
  expect(paths.slice(0, 2)).toEqual([
    ['/readyz', undefined],
    ['/collections/docs', secret],
  ]);
});

test('no message has the login of a need, be it in the env file or in the file that people write', async () => {
  const at = `planted:${secret}@127.0.0.1:${await freePort()}`;
  const schemes = { postgres: 'postgres', mysql: 'mysql', redis: 'redis', qdrant: 'http', http: 'http' };
  const needs = Object.entries(schemes).flatMap(([kind, scheme]) => [
    { [kind]: `${scheme}://${at}`, within: '3s' },
    { [kind]: `\${${kind.toUpperCase()}_URL}`, within: '3s' },
  ]);
  const dotenv = Object.entries(schemes).map(([kind, scheme]) => [`${kind.toUpperCase()}_URL`, `${scheme}://${at}`]);
  const words = await message(needs, Object.fromEntries(dotenv));
  expect(words.match(/connection refused/g)).toHaveLength(needs.length);
  expect(words).not.toContain(secret);
});

test('goes on when everything answers: values come from the env file, and names are those of the service’s networks', async () => {
  await started('cache');
  const seen: unknown[] = [];
  const flags = http(({ headers }, response) => {
    seen.push(headers.authorization);
    response.end();
  });
  await serving(flags, (port) =>
    serving(
      tcp(() => undefined),
      async (cache) => {
        const needs = [
          { http: `http://ana:\${PASSWORD}@127.0.0.1:\${PORT:-1}/health` },
          { tcp: `cache:\${CACHE_PORT}` },
        ];
        const result = await asked(needs, { PASSWORD: secret, PORT: port, CACHE_PORT: cache });
        expect(result.note).toBeUndefined();
      },
    ),
  );
  expect(seen).toEqual([`Basic ${Buffer.from(`ana:${secret}`).toString('base64')}`]);
});

test('waits until it answers', async () => {
  let answers = 0;
  const late = http((_, response) => {
    answers += 1;
    response.writeHead(answers < 3 ? 503 : 200).end();
  });
  await serving(late, (port) => asked([{ http: `http://127.0.0.1:${port}/` }]));
  expect(answers).toBe(3);
});

test('names every need that is not met, as it is written, and why', async () => {
  const port = await freePort();
  const needs = [
    { postgres: `\${DATABASE_URL}`, within: '3s' },
    { redis: `redis://:\${PASSWORD}@127.0.0.1:${port}`, within: '500ms' },
  ];
  const dotenv = { PASSWORD: secret, DATABASE_URL: `postgres://shop:${secret}@127.0.0.1:${port}/shop` };
  const words = await message(needs, dotenv);
  expect(words).toBe(
    `api needs postgres \${DATABASE_URL}: connection refused, for 3s; ` +
      `api needs redis redis://:\${PASSWORD}@127.0.0.1:${port}: connection refused, for 500ms`,
  );
  expect(deps.masker.mask(`at postgres://shop:${secret}@127.0.0.1:${port}/shop`)).toBe('at ***');
});

test('goes on without what is not required, and says so', async () => {
  const port = await freePort();
  const { note } = await asked([{ tcp: `127.0.0.1:${port}`, required: false, within: '500ms' }]);
  expect(note).toBe(`api needs tcp 127.0.0.1:${port}: connection refused, for 500ms; it is not required`);
});

test('refuses the plan for a variable that is not set, with the service and the need', async () => {
  const needs = [
    { tcp: 'cache:6379' },
    { postgres: `postgres://\${USER_OF_DB?who}:\${PASSWORD_OF_DB}@db/shop` },
    { redis: `redis://\${CACHE:-cache}:6379/$$HOME_OF_NOBODY` },
  ];
  const refused = planned(needs, { USER_OF_DB: 'shop' });
  await expect(refused).rejects.toMatchObject({
    code: 'spec-invalid',
    message: 'services.api.needs[1].postgres: PASSWORD_OF_DB is not set',
    hint: expect.stringContaining(`${folder}/.env`),
  });
  await expect(planned(needs)).rejects.toThrow('USER_OF_DB and PASSWORD_OF_DB are not set');
  const made = await planned(needs, { USER_OF_DB: 'shop', PASSWORD_OF_DB: '' });
  expect(stepOf(made).external).toHaveLength(3);
});

test('only says it of a need that is not required', async () => {
  const made = await planned([{ tcp: `\${CACHE_AT}`, required: false }]);
  expect(made.warnings).toContain(`api needs tcp \${CACHE_AT}: CACHE_AT is not set; it is not required`);
});

test('says which variable to look at when there is no address', async () => {
  expect(await message([{ redis: `\${REDIS_URL}`, within: '500ms' }], { REDIS_URL: 'cache' })).toBe(
    `api needs redis \${REDIS_URL}: is not an address of redis: see REDIS_URL in the env file, for 500ms`,
  );
});

test('a service of Compose has to run where the service could reach it', async () => {
  const words = (name: string) => message([{ tcp: `${name}:6379`, within: '500ms' }]);
  const absent = (name: string) =>
    `api needs tcp ${name}:6379: none of its containers runs on a network of api, for 500ms`;
  expect(await words('cache')).toBe(absent('cache'));
  expect(await words('apart')).toBe(absent('apart'));
});

test('shows no password that stands in the file', () => {
  const show = (text: string) => needText({ kind: 'postgres', text });
  expect(show('postgres://shop:s3cret@db/shop')).toBe('postgres postgres://shop:***@db/shop');
  expect(show(`\${URL:-postgres://shop:s3c@ret@db/shop}`)).toBe(`postgres \${URL:-postgres://shop:***@db/shop}`);
  expect(show(`postgres://shop:\${PASSWORD:-s3cret}@db/shop`)).toBe('postgres postgres://shop:***@db/shop');
  expect(show(`postgres://shop:\${PASSWORD}@db/shop`)).toBe(`postgres postgres://shop:\${PASSWORD}@db/shop`);
  expect(show('postgres://db/shop?user=shop&password=s3cret')).toBe(
    'postgres postgres://db/shop?user=shop&password=***',
  );
});

describe('a command', () => {
  const program = (text: string) => writeFileSync(join(folder, 'kafka-up'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const words = ['./kafka-up', '--topic', '$TOPIC'];

  test('stands in the plan with its folder, and its words take no variables', async () => {
    program('exit 0');
    const made = await planned([{ command: words, within: '20s' }, { tcp: `cache:\${CACHE_PORT}` }], { CACHE_PORT: 1 });
    const text = './kafka-up --topic $TOPIC';
    expect(stepOf(made).external).toEqual([
      { kind: 'command', text, command: words, folder, required: true, within: 20_000 },
      { kind: 'tcp', text: `cache:\${CACHE_PORT}`, required: true, within: 10_000, of: undefined },
    ]);
  });

  test('runs on the host until it ends with 0, and is told for which service', async () => {
    program('echo "$BELAY_PLATFORM $BELAY_SERVICE $BELAY_INSTANCE$BELAY_ADDRESS$*" >> told; test $(wc -l < told) = 3');
    expect((await asked([{ command: words }])).note).toBeUndefined();
    expect(readFileSync(join(folder, 'told'), 'utf8')).toBe('shop api --topic $TOPIC\n'.repeat(3));
  });

  test('that fails says so with the last line of its output, masked', async () => {
    program(`echo "no leader at kafka://ops:${secret}@kafka" >&2; exit 3`);
    const needs = [
      { command: words, within: '500ms' },
      { tcp: `\${KAFKA}`, required: false, within: '500ms' },
    ];
    await expect(message(needs, { KAFKA: `kafka://ops:${secret}@kafka` })).resolves.toBe(
      'api needs command ./kafka-up --topic $TOPIC: ended with 3: no leader at ***, for 500ms',
    );
  });

  test('that hangs is cut off in time', async () => {
    program('exec sleep 60');
    expect(await message([{ command: words, within: '500ms' }])).toBe(
      'api needs command ./kafka-up --topic $TOPIC: no answer within 500ms, for 500ms',
    );
  });

  test('that is missing refuses the plan, or only says so where it is not required', async () => {
    const refused = planned([{ tcp: 'cache:6379' }, { command: words }]);
    await expect(refused).rejects.toMatchObject({
      code: 'spec-invalid',
      message: expect.stringMatching(
        /^belay\.yaml:1:\d+ services\.api\.needs\[1\]\.command: \.\/kafka-up is not there$/,
      ),
      hint: expect.stringContaining(folder),
    });
    const { warnings } = await planned([{ command: words, required: false }]);
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^belay\.yaml:1:\d+ services\.api\.needs\[0\]\.command: \.\/kafka-up is not there; it is not required$/,
      ),
    );
  });

  test('that has gone since the plan fails the step, and says what is missing', async () => {
    program('exit 0');
    const made = await planned([{ command: words, within: '500ms' }]);
    rmSync(join(folder, 'kafka-up'));
    const { format, platform, engine, proxies, source } = made;
    const input = { format, step: stepOf(made), round: 0, platform, engine, proxies, by: 'ana', reason: '', source };
    await expect(runActivity(preflight(deps), input)).rejects.toMatchObject({
      code: 'preflight-failed',
      message: 'api needs command ./kafka-up --topic $TOPIC: ./kafka-up is not there, for 500ms',
    });
  });

  test('that cannot fail is named in the plan', async () => {
    const { warnings } = await planned([{ command: ['true'] }]);
    expect(warnings).toContainEqual(
      expect.stringContaining('needs[0] cannot fail (true): it passes whatever its dependency does'),
    );
  });
});

describe('in a release', () => {
  const stepAt = ({ steps }: Plan, id: string) =>
    steps.find((step): step is ValidateStep => step.id === id && step.kind === 'validate')!;

  /** Does the step of the plan, as an attempt with that memory. */
  async function performed(
    id: string,
    needs: object[],
    { dotenv, memory, others }: Performed = {},
  ): Promise<StepResult> {
    const made = await planned(needs, dotenv, others);
    const { format, platform, engine, proxies, source } = made;
    const step = stepAt(made, id);
    const input = { format, step, round: 0, platform, engine, proxies, by: 'ana', reason: '', source };
    const info = memory && { attempt: 2, heartbeatDetails: { elapsed: 100_000, memory } };
    return await runActivity(validate(deps), input, info);
  }
  interface Performed {
    dotenv?: Record<string, string | number>;
    memory?: Record<string, string>;
    /** More services of the file. */
    others?: object;
  }

  test('waits before the swap until a need is back, and asks for one that is not required once', async () => {
    const port = await freePort();
    let answers = 0;
    const back = http((_, response) => {
      answers += 1;
      response.writeHead(answers < 3 ? 503 : 200).end();
    });
    const { note } = await serving(back, (own) =>
      performed('api/validate/needs', [
        { http: `http://127.0.0.1:${own}/` },
        { tcp: `127.0.0.1:${port}`, required: false },
      ]),
    );
    expect(answers).toBe(3);
    expect(note).toBe(`api needs tcp 127.0.0.1:${port}: connection refused; it is not required`);
  });

  test('fails before the swap as preflight does, a minute after its first attempt asked', async () => {
    const port = await freePort();
    const failed = performed('api/validate/needs', [{ redis: `redis://:\${PASSWORD}@127.0.0.1:${port}` }], {
      dotenv: { PASSWORD: secret },
      memory: { asked: '39000' },
    });
    await expect(failed).rejects.toMatchObject({
      code: 'preflight-failed',
      message: `api needs redis redis://:\${PASSWORD}@127.0.0.1:${port}: connection refused, for 1m`,
    });
  });

  test('fails the watch for a need that stays away, and not for one that comes back in time', async () => {
    let asked = 0;
    const flickering = http((_, response) => {
      asked += 1;
      response.writeHead(asked === 2 || asked > 3 ? 503 : 200).end();
    });
    await serving(flickering, async (port) => {
      const need = { http: `http://ana:\${PASSWORD}@127.0.0.1:${port}/`, within: '400ms' };
      await expect(performed('api/validate/needed', [need], { dotenv: { PASSWORD: secret } })).rejects.toMatchObject({
        code: 'need-lost',
        message: `api needs http http://ana:\${PASSWORD}@127.0.0.1:${port}/: answered 503, not 200, for more than 1200ms`,
      });
    });
    expect(asked).toBeGreaterThan(4);
  });

  test('counts on after a worker has died, from the last answer of a need', async () => {
    const port = await freePort();
    const need = { tcp: `127.0.0.1:${port}` };
    await expect(performed('api/validate/needed', [need], { memory: { 'away 0': '69999' } })).rejects.toMatchObject({
      code: 'need-lost',
    });
  });

  test('watches nothing that is not required', async () => {
    const made = await planned([{ tcp: '127.0.0.1:1', required: false }]);
    expect(stepAt(made, 'api/validate/needs').external).toHaveLength(1);
    expect(made.steps.map(({ id }) => id)).not.toContain('api/validate/needed');
  });

  test('knows the service that a need leads to by its names, and by its port of the host', async () => {
    runtime.addImage('haproxy:3.2');
    const other = { image: 'shop/api:1' };
    const routes = [{ proxy: 'edge', port: 5432, protocol: 'tcp' }];
    const spec = {
      platform: 'shop',
      compose: 'compose.yaml',
      proxies: { edge: { kind: 'haproxy', managed: true } },
      services: {
        api: {
          needs: [
            { postgres: `\${DATABASE_URL}` },
            { tcp: 'main-db:1' },
            { tcp: 'localhost:15432' },
            { tcp: 'db.test:1' },
          ],
        },
        db: { ...other, routes },
      },
    };
    const compose = {
      api: other,
      db: { ...other, ports: ['15432:5432'], networks: { default: { aliases: ['main-db'] } } },
    };
    writeFileSync(join(folder, 'belay.yaml'), JSON.stringify(spec));
    writeFileSync(join(folder, 'compose.yaml'), JSON.stringify({ services: compose }));
    writeFileSync(join(folder, '.env'), `DATABASE_URL=postgres://shop:${secret}@db:5432/shop\n`);
    const made = await runActivity(plan(deps), { platform: 'shop', services: ['api'] });
    expect(stepOf(made).external?.map(({ of }) => of)).toEqual(['db', 'db', 'db', undefined]);
    expect(JSON.stringify(made)).not.toContain(secret);
  });

  test('counts the absence of a service whose release was terminated, and asks Temporal once', async () => {
    await started('cache');
    const owner = { workflowId: 'release/shop/other', runId: 'r' };
    const token = { platform: 'shop', service: 'cache', epoch: 1, owner, step: 'cache/claim', attempt: 10_001 };
    const isOpen = jest.fn(async () => 'closed' as const);
    deps = { ...deps, temporal: { ...deps.temporal, isOpen } };
    await takeFence({ home, token, ...deps.temporal, takeOver: false });
    const needs = [{ tcp: `cache:${await freePort()}`, within: '10ms' }];
    await expect(performed('api/validate/needed', needs, { others: { cache: {} } })).rejects.toMatchObject({
      code: 'need-lost',
    });
    expect(isOpen).toHaveBeenCalledTimes(1);
  });

  test('does not count the absence of a service that another release changes', async () => {
    await started('cache');
    const owner = { workflowId: 'release/shop/other', runId: 'r' };
    const token = { platform: 'shop', service: 'cache', epoch: 1, owner, step: 'cache/claim', attempt: 10_001 };
    const temporal = { namespace: 'default', cluster: 'c', isOpen: async () => 'open' as const };
    await takeFence({ home, token, ...temporal, takeOver: false });
    let looks = 0;
    let enough = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const clock = http((_, response) => {
      looks += 1;
      if (looks === 20) enough();
      response.end();
    });
    await serving(clock, async (port) => {
      const needs = [
        { tcp: `cache:${await freePort()}`, within: '10ms' },
        { http: `http://127.0.0.1:${port}/`, within: '10ms' },
      ];
      const ended = performed('api/validate/needed', needs, { others: { cache: {} } });
      await Promise.race([asked, ended]);
      await releaseFence({ home, token });
      await expect(ended).rejects.toMatchObject({ code: 'need-lost' });
    });
  });
});
