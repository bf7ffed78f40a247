import { spawnSync } from 'node:child_process';
import { fromSetup } from '../../testbed';

test('a worker with a wrong environment ends at once, with what is wrong in one line', () => {
  const env = { ...process.env, BELAY_HOST: 'Web 1' };
  const { status, stderr } = spawnSync(process.execPath, [fromSetup('dist', 'src', 'worker', 'main.js')], {
    env,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([
    1,
    "worker: the worker's environment is invalid: BELAY_HOST takes lower-case letters, digits and hyphens, 63 at most — correct it and start the worker again\n",
  ]);
});
