import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import { type Belay, connectBelay } from '../../src/client';
import { connectClient } from '../../src/client/connect';
import type { ReleaseStatus } from '../../src/model/status';
import { outputOf } from '../../src/run-program';
import { buildBaseImage } from '../../testbed/base-image';
import { docker } from '../../testbed/docker';
import { containersOf, removeContainers } from '../../testbed/platform';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import { type MachineWorker, startMachineWorker } from '../../testbed/systemd/worker';
import { startTemporal, type Temporal } from '../../testbed/temporal';
import { ask, program, unit } from './programs';

/** One platform of containers and units. The engine is the test host's, so containers have no port in the machine. */
const platform = 'mixed';
const where = { platform, host: 'mixed-1' };
const dir = mkdtempSync(join(tmpdir(), 'belay-mixed-'));
let temporal: Temporal;
let machine: Machine;
let worker: MachineWorker;
let client: Client;
let belay: Belay;

/** Nobody answers at this registry, so that the engine's own images count. */
const image = (version: string) => `127.0.0.1:1/${platform}:${version}`;

beforeAll(async () => {
  await removeContainers(platform);
  const booted = mountsOfEngine().then((mounts) => bootMachine({ name: 'mixed-1', mounts }));
  [temporal, machine] = await Promise.all([startTemporal({ dir }), booted, buildImages()]);
  await machine.write('/etc/systemd/system/mixed-web.service', unit('/opt/mixed/web 9131'));
  await machine.exec('systemctl', ['daemon-reload']);
  worker = await startMachineWorker(machine, {
    temporal: Number(temporal.address.split(':')[1]),
    files: { 'belay.yaml': specOf({ app: '1', first: 'app' }) },
    env: { BELAY_HOST: where.host, DOCKER_HOST: 'unix:///srv/engine/docker.sock' },
  });
  client = await connectClient({ TEMPORAL_ADDRESS: temporal.address });
  belay = await connectBelay(client);
});
afterAll(async () => {
  await client?.connection.close();
  await machine?.close();
  await temporal?.stop();
  await removeContainers(platform);
  await docker(['rmi', ...['1', '2'].map(image)]).catch(() => undefined);
  rmSync(dir, { recursive: true });
});

/** The engine's socket, and the programs that speak to it. */
async function mountsOfEngine(): Promise<Record<string, string>> {
  const plugin = '{{range .ClientInfo.Plugins}}{{if eq .Name "compose"}}{{.Path}}{{end}}{{end}}';
  const [program, compose] = await Promise.all([
    outputOf({ command: 'sh', args: ['-c', 'command -v docker'] }),
    docker(['info', '--format', plugin]),
  ]);
  return {
    '/srv/engine/docker.sock': '/var/run/docker.sock',
    '/usr/bin/docker': realpathSync(program.trim()),
    '/usr/lib/docker/cli-plugins/docker-compose': realpathSync(compose.trim()),
  };
}

async function buildImages(): Promise<void> {
  const base = await buildBaseImage();
  for (const version of ['1', '2']) {
    const lines = [
      `FROM ${base}`,
      `ENV VERSION=${version}`,
      'CMD ["node", "/app/server.js"]',
      'HEALTHCHECK --interval=300ms CMD ["node", "-e", "process.exit(0)"]',
    ];
    await docker(['build', '--tag', image(version), '-'], { input: `${lines.join('\n')}\n` });
  }
}

interface Written {
  /** Version of the container's image, and of the unit's program. */
  app: string;
  web: string;
  state?: 'well' | 'sick';
  /** The service that the other one needs. */
  first: 'app' | 'web';
}

function specOf({ app, state, first }: Omit<Written, 'web'>): string {
  const quick = { every: '100ms', timeout: '500ms', healthy: 1, within: state === 'sick' ? '1s' : '5s' };
  const needs = (service: string) => ({ needs: first === service ? [] : [{ service: first }] });
  const services = {
    app: { image: image(app), health: { ready: { docker: true, ...quick, within: '20s' } }, ...needs('app') },
    web: {
      runtime: 'systemd',
      unit: 'mixed-web.service',
      artifact: { file: 'web', install: '/opt/mixed/web' },
      health: { ready: { http: '/version', port: 9131, ...quick } },
      ...needs('web'),
    },
  };
  return stringify({ platform, services });
}

async function release({ web, ...written }: Written) {
  await worker.write({ 'belay.yaml': specOf(written) });
  await machine.write('/srv/project/web', program(web, written.state), 0o755);
  const handle = await belay.release(where);
  return { ...(await handle.result()), status: await handle.status(), workflowId: handle.workflowId };
}

/** What runs: the version of each container, and the answer of the unit. */
async function running() {
  const containers = (await containersOf(platform)).filter(({ state }) => state === 'running');
  const variables = containers.map(({ name }) => docker(['inspect', '--format', '{{join .Config.Env " "}}', name]));
  const web = await machine.exec('node', ['-e', ask, 'http://127.0.0.1:9131/version']);
  return {
    app: (await Promise.all(variables)).map((text) => /VERSION=(\S+)/.exec(text)?.[1]),
    web: web.split(' ')[0],
  };
}

/** Returns each service of the host's ledger with its present revision, and the release that had its fence last. */
async function ledger() {
  const root = '/var/lib/belay/ledger/mixed';
  const json = async (path: string) => JSON.parse(await machine.read(`${root}/${path}`));
  const services = (await machine.exec('ls', [root])).split('\n');
  return await Promise.all(
    services.map(async (service) => {
      const [{ head }, { owner, released }] = [await json(`${service}/head.json`), await json(`${service}/fence.json`)];
      return { service, head, owner, released: released?.workflowId };
    }),
  );
}

const startOf = ({ steps }: ReleaseStatus, id: RegExp): string =>
  Object.entries(steps).find(([step]) => id.test(step))![1].startedAt!;

test('one release brings in a container and a unit, what is needed first', async () => {
  const { outcome, cause, status, workflowId } = await release({ app: '1', web: '1', first: 'app' });
  expect({ outcome, cause }).toEqual({ outcome: 'released', cause: undefined });
  expect(await running()).toEqual({ app: ['1'], web: '1' });
  expect(startOf(status, /^app\/launch/) < startOf(status, /^web\/launch/)).toBe(true);
  const both = { head: 1, owner: undefined, released: workflowId };
  expect(await ledger()).toEqual(['app', 'web'].map((service) => ({ service, ...both })));
});

test('a unit that fails takes the container back with it', async () => {
  const { outcome, cause, status } = await release({ app: '2', web: '2', state: 'sick', first: 'app' });
  expect(outcome).toBe('failed');
  expect(cause?.message).toContain('mixed-web-r2-1');
  expect(startOf(status, /^app\/launch/) < startOf(status, /^app\/undo\/launch/)).toBe(true);
  expect(await running()).toEqual({ app: ['1'], web: '1' });
});

test('the other order: the container waits for the unit, and both go back together by command', async () => {
  const { outcome, status } = await release({ app: '2', web: '2', first: 'web' });
  expect(outcome).toBe('released');
  expect(await running()).toEqual({ app: ['2'], web: '2' });
  expect(startOf(status, /^web\/launch/) < startOf(status, /^app\/launch/)).toBe(true);
  expect((await (await belay.rollback(where)).result()).outcome).toBe('reverted');
  expect(await running()).toEqual({ app: ['1'], web: '1' });
});

test('a drop takes both away', async () => {
  expect((await (await belay.drop(where)).result()).outcome).toBe('removed');
  expect(await containersOf(platform)).toEqual([]);
  expect(await docker(['images', '-q', `belay/${platform}/*`])).toBe('');
  const folders = ['ledger', 'units', 'logs', 'drains'].map((name) => `/var/lib/belay/${name}`);
  expect(await machine.exec('find', [...folders, '/opt/mixed', '-mindepth', '1'])).toBe('');
  expect((await machine.run('systemctl', ['is-active', 'mixed-web.service'])).output).toBe('inactive\n');
});
