import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEnvironmentFile } from '../../src/cli/environment-file';
import { belay } from './support';

const folder = mkdtempSync(join(tmpdir(), 'belay-environment-'));
const file = join(folder, 'worker_environment');
afterAll(() => rmSync(folder, { recursive: true }));

test('a file adds to the environment what has no value there', () => {
  writeFileSync(
    file,
    '# of traces\nOTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer a=b"\nBELAY_LOG=debug\nEMPTY=now\n',
  );
  const env: NodeJS.ProcessEnv = { BELAY_ENV_FILE: file, BELAY_LOG: 'warn', EMPTY: '' };
  useEnvironmentFile(env);
  expect(env).toEqual({
    BELAY_ENV_FILE: file,
    BELAY_LOG: 'warn',
    EMPTY: 'now',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer a=b',
  });
});

test('a file that cannot be read is named', () => {
  const env = { BELAY_ENV_FILE: join(folder, 'none') };
  expect(() => useEnvironmentFile(env)).toThrow(`BELAY_ENV_FILE: ${join(folder, 'none')} cannot be read (ENOENT)`);
});

test('nothing changes where no file is named', () => {
  const env = { BELAY_LOG: 'warn' };
  useEnvironmentFile(env);
  expect(env).toEqual({ BELAY_LOG: 'warn' });
});

test('a command goes by what its file says', async () => {
  const profiles = join(folder, 'none.toml');
  writeFileSync(file, `TEMPORAL_CONFIG_FILE=${profiles}\nTEMPORAL_PROFILE=live\n`);
  const env = { BELAY_ENV_FILE: file, BELAY_HOME: join(folder, 'home') };
  const { code, err } = await belay(['status', '-p', 'shop'], { env });
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringContaining(`${profiles}: has no valid profile for Temporal`),
  });
});

test('a command whose file cannot be read does nothing', async () => {
  const { code, err } = await belay(['status', '-p', 'shop'], { env: { BELAY_ENV_FILE: join(folder, 'none') } });
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('BELAY_ENV_FILE: ') });
});
