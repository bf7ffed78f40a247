import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choose } from '../../src/cli/serve/settings';
import { runningServe, type ServeState, servePaths } from '../../src/cli/serve/state';
import { fakeContext } from './support';

const home = mkdtempSync(join(tmpdir(), 'belay-ports-'));
const bin = join(home, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'temporal'), '', { mode: 0o755 });
const env = { BELAY_HOME: home, BELAY_TEMPORAL: join(bin, 'temporal') };
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('a belay serve takes the ports of the latest one in its home, unless others are given', () => {
  const ports = (given: { port?: number; uiPort?: number } = {}) => {
    const { address, ui } = choose(fakeContext({ env, cwd: home }), given, [home]);
    return [address, ui];
  };
  expect(ports()).toEqual(['127.0.0.1:7233', 'http://127.0.0.1:8233']);
  const { folder, state } = servePaths(env);
  mkdirSync(folder);
  const [address, ui] = ['127.0.0.1:7333', 'http://127.0.0.1:8333'];
  const killed: ServeState = { format: 1, pid: process.pid, began: 'earlier', address, ui, specs: home };
  writeFileSync(state, JSON.stringify(killed));
  expect(runningServe(env)).toBeUndefined();
  expect(ports()).toEqual([address, ui]);
  expect(ports({ uiPort: 8444 })).toEqual([address, 'http://127.0.0.1:8444']);
});
