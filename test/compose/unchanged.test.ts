import { join } from 'node:path';
import { dockerRuntime } from '../../src/runtimes/docker';
import { readCompose } from '../../src/runtimes/docker/compose/compose-config';
import { createOptions } from '../../src/runtimes/docker/compose/create-options';
import { resourcesOf } from '../../src/runtimes/docker/compose/networks';
import { docker as command } from '../../testbed/docker';
import { openEngine, type TestEngine } from '../runtimes/engine';
import { beside } from './everything';
import { writeProject } from './folder';

describe('docker compose', () => {
  let engine: TestEngine;
  const runtime = dockerRuntime();
  const compose = (...args: string[]) => command(['compose', '-f', join(engine.folder, 'compose.yaml'), ...args]);
  beforeAll(async () => {
    engine = await openEngine('unchanged');
    writeProject(engine.folder, { ...beside, 'compose.yaml': unchanged(engine.prefix, engine.image) });
  });
  afterAll(async () => {
    await compose('down', '--volumes', '--timeout', '0').finally(() => engine.close());
  });

  test('changes nothing after a release of the file’s own versions, and shows the instances and their logs', async () => {
    const project = await readCompose({ folder: engine.folder, file: 'compose.yaml' });
    const services = Object.keys(project.services);
    const { Id } = await engine.docker.getImage(engine.image).inspect();
    await runtime.ensure(resourcesOf(project, services));
    for (const [service, instance] of [
      ['api', 1],
      ['api', 2],
      ['worker', 1],
    ] as const) {
      const identity = { platform: engine.prefix, service, revision: 1, instance, fingerprint: 'f', release: 'r' };
      const stop = { grace: 1_000 };
      const options = createOptions({
        project,
        identity,
        image: engine.image,
        imageId: Id,
        ports: {},
        stop,
        routed: service === 'api',
      });
      const name = `${engine.prefix}-${service}-r1-${instance}`;
      await runtime.create({ name, template: options });
      await runtime.start(name);
    }
    const shown = async () =>
      (await compose('ps', '--no-trunc', '--format', '{{.ID}} {{.Name}} {{.Service}} {{.State}}')).split('\n').sort();
    const before = await shown();
    await compose('up', '--detach');
    expect(await shown()).toEqual(before);
    expect(before.map((line) => line.split(' ').slice(1).join(' ')).sort()).toEqual([
      `${engine.prefix}-api-r1-1 api running`,
      `${engine.prefix}-api-r1-2 api running`,
      `${engine.prefix}-worker-r1-1 worker running`,
    ]);
    const worker = await engine.docker.getContainer(`${engine.prefix}-worker-r1-1`).inspect();
    expect(worker.NetworkSettings.Networks[`${engine.prefix}_fixed`]?.IPAddress).toBe('10.211.8.9');
    expect(await compose('logs', '--no-log-prefix', 'worker')).toContain('pa$$word-of-the-file a$b');
    expect(await compose('exec', '-T', 'worker', 'node', '-p', '6 * 7')).toBe('42');
  });
});

const unchanged = (name: string, image: string) => `
name: ${name}
services:
  api:
    image: ${image}
    command: [node, -e, 'setInterval(() => {}, 1000)']
    environment: { PRICE: '5$$', EMPTY: }
    deploy: { replicas: 2, resources: { limits: { cpus: '0.3', memory: 200m } } }
    mem_limit: 200m
    memswap_limit: -1
    volumes: ['data:/data:ro', './folder:/folder:ro']
    secrets: [key, word]
    depends_on: { worker: { condition: service_started, restart: true } }
  worker:
    image: ${image}
    init: true
    env_file: [values.env]
    secrets: [word]
    volumes: [/scratch]
    networks: { default: { priority: 1 }, fixed: { ipv4_address: 10.211.8.9 } }
    command: [node, -e, 'console.log(require("fs").readFileSync("/run/secrets/word", "utf8"), process.env.FROM_FILE); setInterval(() => {}, 1000)']
secrets:
  key: { file: ./key.txt }
  word: { environment: WORD }
networks: { fixed: { ipam: { config: [{ subnet: 10.211.8.0/24 }] } } }
volumes: { data: {} }
`;
