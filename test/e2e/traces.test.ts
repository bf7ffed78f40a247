import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { waitFor } from '../../testbed';
import { type OtlpReceiver, type Span, startOtlpReceiver } from '../../testbed/otlp';
import { fromSetup } from '../../testbed/root';
import { earlyChecks, type Stage, setStage } from './stage';

const name = 'e2etraces';
let receiver: OtlpReceiver;
let stage: Stage;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  stage = await setStage({
    versions: [{ tag: '1' }],
    haproxy: { options: earlyChecks },
    platform: { name, instances: 1, firstPort: 22600 },
    workerEnv: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_BSP_SCHEDULE_DELAY: '100' },
  });
}, 360_000);

afterAll(async () => {
  await stage?.stop();
  await receiver?.stop();
}, 180_000);

test('a release is one trace, from the command line to each step, and the logs carry its id', async () => {
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: stage.bed.temporal.address,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    BELAY_HOME: stage.platform.home,
  };
  const args = [fromSetup('dist', 'src', 'cli', 'main.js'), 'release', '--file', stage.platform.folder];
  await promisify(execFile)(process.execPath, args, { env });
  const named = (part: string) => receiver.spans.find((span) => span.name === part);
  const all = [
    'StartWorkflow:release',
    'RunWorkflow:release',
    'RunActivity:plan',
    'RunActivity:launch',
    'RunActivity:record',
  ];
  await waitFor({ what: all.join(', '), until: () => all.every(named) });
  const start = named('StartWorkflow:release') as Span;
  expect(start.service).toBe('belay');
  const steps = receiver.spans.filter((span) => span.name.startsWith('RunActivity:'));
  expect(new Set(steps.map(({ traceId, service }) => `${traceId} ${service}`))).toEqual(
    new Set([`${start.traceId} belay-worker`]),
  );
  // Each hangs on the one that started it.
  const ids = new Set(receiver.spans.filter(({ traceId }) => traceId === start.traceId).map(({ spanId }) => spanId));
  for (const { parentSpanId } of steps) expect(ids).toContain(parentSpanId);
  expect(readFileSync(stage.worker().log, 'utf8')).toContain(`"trace_id":"${start.traceId}"`);
});
