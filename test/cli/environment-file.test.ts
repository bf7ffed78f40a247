import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEnvironmentFile } from '../../src/cli/environment-file';

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
