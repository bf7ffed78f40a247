import { refuseOtherEngine } from '../../activities/planning/other-engine';
import { hostName } from '../../src/hosts/machine';
import { fakeRuntime } from '../fakes/fake-runtime';

const runtime = fakeRuntime();
const endpoint = { host: 'unix:///var/run/docker.sock', by: 'its usual socket' };
const other = { id: 'OTHER', at: 'unix:///run/user/1000/docker.sock', by: 'DOCKER_HOST' };
type Services = Parameters<typeof refuseOtherEngine>[2]['services'];
const refused = (engine?: Parameters<typeof refuseOtherEngine>[1]['engine']) =>
  refuseOtherEngine({ engine: runtime, endpoint }, { engine }, { services: { api: {} } });

test('a release from a shell of the same machine with another engine is refused with both and the way out', async () => {
  await expect(refused({ ...other, machine: hostName() })).rejects.toMatchObject({
    code: 'input-invalid',
    message:
      'docker in this shell speaks to the engine at unix:///run/user/1000/docker.sock (DOCKER_HOST), and the worker releases on the one at unix:///var/run/docker.sock (its usual socket)',
    hint: "to use the worker's engine, set DOCKER_HOST=unix:///var/run/docker.sock in this shell; to use the shell's, start the worker with DOCKER_HOST=unix:///run/user/1000/docker.sock",
  });
});

test('so is one from a shell that names another machine, wherever the shell is', async () => {
  const remote = { id: 'OTHER', at: 'ssh://deploy@staging', by: 'the docker context staging' };
  await expect(refused(remote)).rejects.toMatchObject({
    message: expect.stringContaining('ssh://deploy@staging (the docker context staging)'),
    hint: expect.stringContaining('run the worker on its machine'),
  });
});

test('the same engine by another way is the same', async () => {
  const id = await runtime.identity();
  await refused({ ...other, id, machine: hostName() });
  await refused({ id, at: 'ssh://deploy@production', by: 'DOCKER_HOST' });
});

test('the engine of a laptop says nothing of where its releases go, nor does a shell without one', async () => {
  await refused({ ...other, machine: 'host-of-the-laptop' });
  await refused(undefined);
});

test('an engine that runs none of the services does not matter', async () => {
  const unreachable = Object.assign(fakeRuntime(), { unreachable: true });
  const services = { api: { runtime: 'memory' } } as unknown as Services;
  await refuseOtherEngine({ engine: unreachable, endpoint }, { engine: other }, { services });
});
