import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { dockerRuntime } from '../../src/runtimes/docker';
import { readCompose } from '../../src/runtimes/docker/compose/compose-config';
import { createOptions } from '../../src/runtimes/docker/compose/create-options';
import { resourcesOf } from '../../src/runtimes/docker/compose/networks';
import type { ComposeProject } from '../../src/runtimes/docker/compose/project';
import { docker as command } from '../../testbed/docker';
import { freePort } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';
import { openEngine, type TestEngine } from '../runtimes/engine';

const file = (name: string, image: string) => `
name: ${name}
services:
  api:
    image: ${image}
    command: [node, -e, 'setInterval(() => {}, 1000)']
    environment: { A: '1', PRICE: '5$$', PATH: }
    labels: { tier: web }
    user: '0:0'
    stop_signal: SIGINT
    stop_grace_period: 7s
    healthcheck: { test: [CMD, node, --version], interval: 1m }
    networks: { default: {}, back: { aliases: [inner] } }
    volumes: ['data:/data', './config:/config:ro']
  asking:
    image: ${image}
    command: [node, -e, "const http = require('http'), udp = require('dgram'); for (const [port, host] of [[8080, '0.0.0.0'], [9100, '::'], [9101], [9200, '127.0.0.1'], [9201, '::1']]) http.createServer((_, answer) => answer.end()).on('error', () => {}).listen(port, host); udp.createSocket('udp4').bind(8125); udp.createSocket('udp4').bind(8126, '127.0.0.1')"]
    healthcheck: { test: [CMD, node, -e, "fetch('http://asking:8080/').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"], interval: 300ms }
  web:
    image: ${image}
    command: [node, -e, 'setInterval(() => {}, 1000)']
    ports: ['127.0.0.1::8080']
    volumes: [/scratch]
networks: { back: { internal: true, driver_opts: { com.docker.network.bridge.enable_icc: 'true' } } }
volumes: { data: { labels: { keep: 'yes' } } }
`;

describe('instances of a Compose project', () => {
  let engine: TestEngine;
  let project: ComposeProject;
  const runtime = dockerRuntime();
  const volumes: string[] = [];
  const compose = (...args: string[]) => command(['compose', '-f', join(engine.folder, 'compose.yaml'), ...args]);

  beforeAll(async () => {
    engine = await openEngine('compose');
    mkdirSync(join(engine.folder, 'config'));
    writeFileSync(join(engine.folder, 'compose.yaml'), file(engine.prefix, engine.image));
    project = await readCompose({ folder: engine.folder, file: 'compose.yaml' });
  });
  afterEach(() => compose('down', '--volumes', '--timeout', '0'));
  afterAll(async () => {
    await engine?.close();
    for (const volume of volumes)
      await engine.docker
        .getVolume(volume)
        .remove()
        .catch(() => undefined);
  });

  const optionsFor = async (routed: boolean, service = 'api') =>
    createOptions({
      project,
      identity: { platform: engine.prefix, service, revision: 1, instance: 1, fingerprint: 'f', release: 'r' },
      image: engine.image,
      ports: { '8080': await freePort() },
      stop: { signal: 'SIGINT', grace: 7_000 },
      routed,
    });
  const inspect = (name: string) => engine.docker.getContainer(name).inspect();

  test('get the networks and volumes that Compose would create', async () => {
    const network = async (key: string) => {
      const found = await engine.docker.getNetwork(`${engine.prefix}_${key}`).inspect();
      return pick(found, ['Name', 'Driver', 'Internal', 'Attachable', 'EnableIPv6', 'Options', 'Labels']);
    };
    const kept = async () => {
      const volume = await engine.docker.getVolume(`${engine.prefix}_data`).inspect();
      return [await network('back'), await network('default'), pick(volume, ['Name', 'Driver', 'Labels'])];
    };
    await compose('create', 'api');
    const composes = await kept();
    await compose('down', '--volumes');
    const resources = resourcesOf(project, ['api']);
    for (let time = 0; time < 2; time++) await runtime.ensure(resources);
    expect(await kept()).toEqual(composes);
  });

  test('are not launched where an external network is missing', async () => {
    const resources = { networks: [], volumes: [], external: { networks: [`${engine.prefix}-none`], volumes: [] } };
    await expect(runtime.ensure(resources)).rejects.toMatchObject({
      code: 'preflight-failed',
      hint: expect.stringContaining('docker network create'),
    });
  });

  test('are like those of docker compose up in everything that the file says', async () => {
    const essence = async (name: string) => {
      const { Config, HostConfig, NetworkSettings, Mounts } = await inspect(name);
      const said = ['Env', 'Cmd', 'Entrypoint', 'User', 'Healthcheck', 'WorkingDir', 'StopSignal', 'StopTimeout'];
      return {
        config: { ...pick(Config, said), Env: [...Config.Env].sort() },
        host: pick(HostConfig, ['NetworkMode', 'Binds']),
        mounts: mountsOf(Mounts),
        networks: Object.keys(NetworkSettings.Networks).sort(),
      };
    };
    await compose('create', 'api');
    const name = `${engine.prefix}-r1-1`;
    await runtime.create({ name, template: await optionsFor(false) });
    expect(await essence(name)).toEqual(await essence(`${engine.prefix}-api-1`));
  });

  test('have the service’s alias only where no proxy leads to them', async () => {
    await runtime.ensure(resourcesOf(project, ['api']));
    const aliases = async (routed: boolean) => {
      const name = `${engine.prefix}-r1-${routed}`;
      await runtime.create({ name, template: await optionsFor(routed) });
      const { NetworkSettings } = await inspect(name);
      return Object.values(NetworkSettings.Networks).flatMap((network) => (network.Aliases ?? []) as string[]);
    };
    expect(await aliases(false)).toEqual(expect.arrayContaining(['api', 'inner']));
    const routed = await aliases(true);
    expect(routed).not.toContain('api');
    expect(routed).not.toContain('inner');
  });

  test('are shown by docker compose ps, beside Compose’s own', async () => {
    await runtime.ensure(resourcesOf(project, ['api']));
    const name = `${engine.prefix}-r1-1`;
    await runtime.create({ name, template: await optionsFor(true) });
    await runtime.start(name);
    const shown = (await compose('ps', '--format', '{{.Name}} {{.Service}} {{.State}}')).split('\n');
    expect(shown).toEqual([`${name} api running`]);
    expect(await compose('logs', 'api')).toBe('');
  });

  test('behind a proxy find themselves by the service’s name, so that a health check by that name asks the instance', async () => {
    await runtime.ensure(resourcesOf(project, ['asking']));
    // Has the name for everybody else, as a proxy does, and answers nobody.
    const proxy = {
      Image: engine.image,
      Cmd: ['node', '-e', 'setInterval(() => {}, 1000)'],
      NetworkingConfig: { EndpointsConfig: { [`${engine.prefix}_default`]: { Aliases: ['asking'] } } },
    };
    await runtime.create({ name: `${engine.prefix}-proxy`, template: proxy });
    await runtime.start(`${engine.prefix}-proxy`);
    const name = `${engine.prefix}-asking-r1-1`;
    await runtime.create({ name, template: await optionsFor(true, 'asking') });
    await runtime.start(name);
    const health = async () => (await runtime.observe({ platform: engine.prefix, service: 'asking' }))[0]?.health;
    await waitFor({ what: `${name} healthy`, until: async () => (await health()) === 'healthy' });
    expect(await runtime.listening(name)).toEqual({ tcp: [8080, 9100, 9101], udp: [8125] });
    await runtime.remove(`${engine.prefix}-proxy`);
  });

  test('that Compose started are revision 0, and Belay’s own are not', async () => {
    await compose('up', '--detach');
    await runtime.create({ name: `${engine.prefix}-r1-1`, template: await optionsFor(true) });
    const query = { platform: engine.prefix, service: 'api', project: engine.prefix };
    const image = await engine.docker.getImage(engine.image).inspect();
    expect(await runtime.observe(query)).toMatchObject([
      {
        name: `${engine.prefix}-api-1`,
        revision: 0,
        state: 'running',
        fingerprint: `compose:${project.hashes.api}:${image.Id}`,
        stopSignal: 'SIGINT',
      },
      { name: `${engine.prefix}-r1-1`, revision: 1, state: 'created', fingerprint: 'f' },
    ]);
    expect(await runtime.observe({ ...query, project: undefined })).toHaveLength(1);
    const [web] = await runtime.observe({ ...query, service: 'web' });
    expect(web).toMatchObject({ revision: 0, ports: { '8080': expect.any(Number) } });
  });

  test.each(['api', 'web'])('that Compose started come back the same from their snapshot: %s', async (service) => {
    await compose('up', '--detach', service);
    const name = `${engine.prefix}-${service}-1`;
    const essence = async () => {
      const { Config, HostConfig, NetworkSettings, Mounts, Image } = await inspect(name);
      return {
        config: {
          ...omit(Config, ['Hostname', 'Image', 'Volumes', 'AttachStdout', 'AttachStderr']),
          Env: [...Config.Env].sort(),
        },
        host: omit(HostConfig, ['Mounts', 'PortBindings']),
        networks: Object.entries(NetworkSettings.Networks).map(([key, { Aliases }]) => [key, lasting(Aliases)]),
        mounts: mountsOf(Mounts),
        ports: NetworkSettings.Ports,
        Image,
      };
    };
    const before = await essence();
    const options = JSON.parse(JSON.stringify(await runtime.snapshot(name))) as Awaited<
      ReturnType<typeof runtime.snapshot>
    >;
    expect(options).not.toHaveProperty('Entrypoint');
    volumes.push(...before.mounts.map(({ Name }) => String(Name)));
    await runtime.signal(name, 'SIGKILL');
    await runtime.remove(name);
    await runtime.create({ name, template: options });
    await runtime.start(name);
    expect(await essence()).toEqual(before);
    expect(await compose('ps', '--format', '{{.Name}}')).toBe(name);
  });
});

const pick = (object: object, keys: string[]) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
const omit = (object: object, keys: string[]) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
const mountsOf = (mounts: Docker.ContainerInspectInfo['Mounts']) =>
  mounts
    .map((mount) => pick(mount, ['Type', 'Name', 'Destination', 'RW']))
    .sort((a, b) => (String(a.Destination) < String(b.Destination) ? -1 : 1));
/** Without the one that is the container's own id. */
const lasting = (aliases: string[] | null) => (aliases ?? []).filter((alias) => !/^[0-9a-f]{12}$/.test(alias));
