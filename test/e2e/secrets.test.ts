import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { stringify } from 'yaml';
import type { ReleaseHandle } from '../../src/client';
import { docker, waitFor } from '../../testbed';
import { type OtlpReceiver, startOtlpReceiver } from '../../testbed/otlp';
import { expectSettled } from './expect-settled';
import { untilStep } from './progress';
import { earlyChecks, type Stage, setStage } from './stage';

const name = 'e2esecrets';
const secrets = {
  DB_PASSWORD: 'pa+ss/w0rd=hunter2&x',
  API_TOKEN: 'tok_5f4dcc3b5aa765d61d8327deb882cf99',
  CHECK_KEY: 'k3y with "quotes" \\ and <more>',
  MULTI_URL: 'postgres://shop:p%40ssw0rd-9@db.internal:5432/shop?sslmode=disable',
};
let stage: Stage;
let receiver: OtlpReceiver;
const logs: string[] = [];

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  stage = await setStage({
    workerEnv: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_BSP_SCHEDULE_DELAY: '100' },
    versions: [{ tag: '1' }, { tag: 'leaky', env: { LOG_ENV: '1', NEVER_READY: '1' } }],
    haproxy: { options: earlyChecks },
    platform: {
      name,
      instances: 2,
      firstPort: 20600,
      service: { image: undefined, health: { ready: { http: '/ready', every: '250ms', within: '5s' } } },
      spec: { compose: 'compose.yaml' },
    },
  });
  logs.push(stage.worker().log);
  const lines = Object.entries(secrets).map(([key, value]) => `${key}='${value}'`);
  writeFileSync(join(stage.platform.folder, '.env'), `${lines.join('\n')}\n`, { mode: 0o600 });
  writeFileSync(join(stage.platform.folder, 'compose.yaml'), stringify(composeFile(stage.bed.images['1']!.ref)));
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(async () => {
  await stage?.stop();
  await receiver?.stop();
}, 180_000);

const composeFile = (image: string) => ({
  name,
  services: {
    api: {
      image,
      environment: {
        DB_PASSWORD: '$' + '{DB_PASSWORD}',
        DATABASE_URL: 'postgres://shop:$' + '{DB_PASSWORD}@db.internal/shop',
        MULTI_URL: '$' + '{MULTI_URL}',
        TOKENS: 'first,$' + '{API_TOKEN},last',
      },
      command: ['node', '/app/server.js', '--token=$' + '{API_TOKEN}', '--key=$' + '{CHECK_KEY}'],
      healthcheck: {
        test: ['CMD', 'node', '-e', 'fetch("http://127.0.0.1:8080/ready?token=$' + '{API_TOKEN}")'],
        interval: '1s',
      },
    },
  },
});

/** Every form in which a secret may stand somewhere. */
const forms = [...Object.values(secrets), 'p%40ssw0rd-9', 'p@ssw0rd-9'].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('base64url'),
  Buffer.from(secret).toString('hex'),
  JSON.stringify(secret).slice(1, -1),
  JSON.stringify(JSON.stringify(secret)).slice(3, -3),
]);

const hits = (text: string) => [...new Set(forms)].filter((form) => text.includes(form));

/** Returns all that Temporal keeps of a release, with every payload decoded. */
async function everythingKept(release: ReleaseHandle): Promise<string> {
  const handle = stage.platform.client.workflow.getHandle(release.workflowId);
  const history = historyToJSON(await handle.fetchHistory());
  const { memo, searchAttributes, raw } = await handle.describe();
  const status = await release.status();
  const shown = await handle.query('__temporal_workflow_metadata');
  const outcome = await handle
    .result()
    .catch((error: Error) => `${error.message} ${JSON.stringify(error.cause)} ${String(error.cause)}`);
  const texts = [JSON.stringify({ memo, searchAttributes, raw, status, shown, outcome }), history];
  expect(history.length).toBeGreaterThan(5_000);
  expect(JSON.stringify(shown)).toContain('not ready within');
  return texts.flatMap((text) => [text, ...decoded(text)]).join('\n');
}

/** Returns the decoded base64 parts of a text. */
const decoded = (text: string): string[] =>
  [...text.matchAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g)].map(([, data]) => Buffer.from(data!, 'base64').toString('utf8'));

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

async function expectNoSecret(release: ReleaseHandle): Promise<void> {
  const kept = await everythingKept(release);
  expect(kept).toContain('started version leaky'); // The end of the log has travelled,
  expect(kept).toContain('***'); // and what was secret in it was masked.
  expect(hits(kept)).toEqual([]);
  for (const log of logs) expect(hits(readFileSync(log, 'utf8'))).toEqual([]);
  const traced = () => JSON.stringify(receiver.spans);
  await waitFor({ what: 'the end of the log in a trace', until: () => traced().includes('started version leaky') });
  expect(hits(traced())).toEqual([]);
}

test('the secrets do reach the containers, and nothing but them and the ledger', async () => {
  const since = Date.now();
  expect((await (await stage.release()).result()).outcome).toBe('released');
  await expectSettled({ ...stage, instances: 2, since, version: '1' });
  const format = '{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.Healthcheck}}';
  const inspected = await docker(['inspect', '--format', format, `${name}-api-r1-1`]);
  for (const secret of Object.values(secrets))
    expect(inspected.replaceAll('\\u0026', '&').replaceAll('\\u003c', '<').replaceAll('\\u003e', '>')).toContain(
      JSON.stringify(secret).slice(1, -1),
    );
  expect(hits(await docker(['inspect', '--format', '{{json .Config.Labels}}', `${name}-api-r1-1`]))).toEqual([]);
});

test("only the ledger's own user can read it", async () => {
  const ledger = join(stage.platform.home, 'ledger');
  const files = filesIn(stage.platform.home);
  expect(files.filter((file) => file.startsWith(ledger)).length).toBeGreaterThan(2);
  expect(files.filter((file) => (lstatSync(file).mode & 0o777) !== 0o600)).toEqual([]);
  expect(files.some((file) => readFileSync(file, 'utf8').includes(secrets.API_TOKEN))).toBe(true);
});

test('an application that prints its environment and fails tells nobody else', async () => {
  const since = Date.now();
  const release = await stage.release({ versions: { api: 'leaky' } });
  expect(await release.result()).toMatchObject({ outcome: 'failed', cause: { code: 'not-ready' } });
  await expectNoSecret(release);
  await expectSettled({ ...stage, instances: 2, since, version: '1' });
});

test('nor after the worker was started anew in between', async () => {
  const since = Date.now();
  const release = await stage.release({ versions: { api: 'leaky' } });
  await untilStep(release, /launch\//, 'done');
  await stage.worker().end('SIGKILL');
  logs.push((await stage.startWorker()).log);
  expect(await release.result()).toMatchObject({ outcome: 'failed', cause: { code: 'not-ready' } });
  await expectNoSecret(release);
  await expectSettled({ ...stage, instances: 2, since, version: '1' });
});
