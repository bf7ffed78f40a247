import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examineHaproxy } from '../../src/cli/doctor/haproxy';

const dir = mkdtempSync(join(tmpdir(), 'belay-doctor-haproxy-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** What is said of the folder of the state file at this path below the test's folder. */
async function examine(path: string) {
  const config = join(dir, 'haproxy.cfg');
  writeFileSync(config, `global\n  server-state-file ${join(dir, path)}\n`);
  const spec = { kind: 'haproxy' as const, socket: '/nowhere/a.sock', config };
  const checks = await examineHaproxy({ name: 'edge', spec, backends: [] });
  return checks.filter(({ text }) => text.includes('server-state-file'));
}

test('a state file whose folder takes no new files is bad before the first release', async () => {
  // Not even root enters a plain file.
  writeFileSync(join(dir, 'plain'), '', { mode: 0o600 });
  expect(await examine('plain/server-state')).toMatchObject([
    {
      state: 'bad',
      text: `the folder of server-state-file ${dir}/plain/server-state is not writable for you`,
      todo: [expect.stringContaining(`write in ${dir}/plain`), expect.any(String)],
    },
  ]);
});

test('a folder that takes it, or can be made, is fine', async () => {
  mkdirSync(join(dir, 'state'));
  expect(await examine('state/server-state')).toEqual([]);
  expect(await examine('new/folder/server-state')).toEqual([]);
});
