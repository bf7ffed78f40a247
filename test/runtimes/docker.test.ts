import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import Docker from 'dockerode';
import { createMasker } from '../../src/hosts/secrets';
import { dockerRuntime } from '../../src/runtimes/docker';
import { dockerAdapter } from '../../src/runtimes/docker/adapter';
import type { CreateOptions } from '../../src/runtimes/docker/create-options';
import { ask } from '../../src/runtimes/docker/errors';
import { docker } from '../../testbed/docker';
import { freePort } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';
import { engineContract } from '../contracts/engine-contract';
import { type Inside, runtimeContract } from '../contracts/runtime-contract';
import { engineThat, openEngine, type TestEngine } from './engine';
import { composedProject } from './projects';

const nobody = () => dockerRuntime({ docker: new Docker({ socketPath: '/nonexistent/docker.sock' }) });

const settledIn =
  ({ docker }: TestEngine) =>
  async (name: string) => {
    const container = docker.getContainer(name);
    const isStopping = async () => (await container.inspect()).HostConfig.RestartPolicy?.Name === 'no';
    const runtime = dockerRuntime({ docker });
    if (await isStopping()) await container.wait();
    else await waitFor({ what: `${name} up`, until: async () => (await runtime.logTail(name, 1)) === 'up' });
  };

engineContract('Docker', async () => {
  const engine = await openEngine('contract');
  return {
    ...engine,
    runtime: dockerRuntime(engine),
    offline: nobody(),
    platform: engine.prefix,
    unknownImage: `${engine.prefix}:none`,
    freePort,
    settled: settledIn(engine),
  };
});

const insideNode: Inside = {
  says: (line, error, code) => {
    const words = `console.log('${line}'); ${error && `console.error('${error}');`} process.exitCode = ${code}`;
    return ['node', '-e', words];
  },
  silent: ['node', '-e', 'setInterval(() => undefined, 1000)'],
};

runtimeContract(
  'Docker',
  async () => {
    const engine = await openEngine('port');
    const { folder, prefix: platform, image } = engine;
    const world = { home: join(folder, 'home'), masker: createMasker() };
    return {
      runtime: dockerAdapter({ ...world, engine: dockerRuntime(engine) }),
      job: (code) => {
        const end = code === undefined ? 'setInterval(() => undefined, 1000)' : `process.exitCode = ${code}`;
        return ['node', '-e', `console.log('up'); ${end}`];
      },
      another: async () => dockerAdapter({ ...world, engine: dockerRuntime({ docker: new Docker() }) }),
      offline: dockerAdapter({ ...world, engine: nobody() }),
      platform,
      ref: image,
      unknownRef: `${platform}:none`,
      project: (services) => composedProject({ folder, platform, image, services }),
      freePort,
      settled: settledIn(engine),
      close: () => engine.close(),
    };
  },
  insideNode,
);

describe('Docker', () => {
  let engine: TestEngine;
  const runtime = dockerRuntime();
  let count = 0;

  beforeAll(async () => {
    engine = await openEngine('docker');
  });
  afterAll(() => engine?.close());

  test('reads a file of an image whose program never starts', async () => {
    const { folder, image, prefix } = engine;
    const ref = `${prefix}/example:1`;
    writeFileSync(join(folder, 'a.env'), 'POOL=5\n# ä\n');
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${image}\nCOPY a.env /app/\nENTRYPOINT ["/none"]\n`);
    await docker(['build', '--tag', ref, folder]);
    try {
      const local = await runtime.pin(ref);
      expect(await runtime.fileIn(local, '/app/a.env')).toBe('POOL=5\n# ä\n');
      expect(await runtime.fileIn(local, '/app/b.env')).toBeUndefined();
      await expect(runtime.fileIn(local, '/app')).rejects.toMatchObject({ code: 'input-invalid' });
      expect(await docker(['ps', '--all', '--quiet', '--filter', `ancestor=${ref}`])).toBe('');
    } finally {
      await docker(['rmi', ref]);
    }
  });

  const options = (more: CreateOptions = {}): CreateOptions => ({
    Image: engine.image,
    Cmd: ['node', '-e', 'setInterval(() => {}, 1000)'],
    Labels: {
      'belay.platform': engine.prefix,
      'belay.service': 'api',
      'belay.revision': '1',
      'belay.fingerprint': 'f',
    },
    ...more,
  });
  const create = async (more: CreateOptions = {}) => {
    const name = `${engine.prefix}-${++count}`;
    await runtime.create({ name, template: options(more) });
    return name;
  };
  const observed = async (name: string) => {
    const all = await runtime.observe({ platform: engine.prefix, service: 'api' });
    return all.find((instance) => instance.name === name)!;
  };

  describe('with an image that Compose has built', () => {
    const composes = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'api' };
    let Image: string;
    beforeAll(async () => {
      const source = await engine.docker.createContainer({ Image: engine.image, Cmd: ['node'], Labels: composes });
      const [repo, tag] = [`${engine.prefix}-composed`, '1'];
      await source.commit({ repo, tag });
      await source.remove();
      Image = `${repo}:${tag}`;
    });
    afterAll(() => engine.docker.getImage(Image).remove({ force: true }));

    test('keeps the labels by which a container of Compose is found', async () => {
      const name = await create({ Image, Labels: composes });
      expect(await runtime.snapshot(name)).toMatchObject({ Labels: composes });
    });

    test('hides from Compose what is none of its project', async () => {
      const { Labels } = (await engine.docker.getContainer(await create({ Image })).inspect()).Config;
      expect(Labels['com.docker.compose.project']).toBe('');
    });
  });

  test('writes a file whatever the length of its path', async () => {
    const folder = `/${'a-long-folder/'.repeat(20)}`;
    const paths = [120, 280].map((length) => `${folder.slice(0, length)}x`);
    const print = `for (const path of ${JSON.stringify(paths)}) console.log(fs.readFileSync(path, "utf8"))`;
    const Files = paths.map((path, index) => ({ path, text: `content ${index}`, mode: 0o444 }));
    const name = await create({ Cmd: ['node', '-e', print], Files });
    await runtime.start(name);
    await engine.docker.getContainer(name).wait();
    expect(await runtime.logTail(name, 2)).toBe('content 0\ncontent 1');
  });

  test('makes one network where several ask for it at the same moment', async () => {
    const Name = `${engine.prefix}-together`;
    const resources = { networks: [{ Name }], volumes: [], external: { networks: [], volumes: [] } };
    await Promise.all(Array.from({ length: 5 }, () => runtime.ensure(resources)));
    const found = await engine.docker.listNetworks({ filters: { name: [Name] } });
    await Promise.all(found.map(({ Id }) => engine.docker.getNetwork(Id).remove()));
    expect(found).toHaveLength(1);
  });

  test('shows a log of ten thousand lines, of both streams in their order', async () => {
    const said = Array.from({ length: 10_000 }, (_, index) => `${index}: ü`);
    const frames = said.map((line, index) => {
      const content = Buffer.from(`${line}\n`);
      const head = Buffer.from([1 + (index % 2), 0, 0, 0, 0, 0, 0, 0]);
      head.writeUInt32BE(content.length, 4);
      return Buffer.concat([head, content]);
    });
    const answer: RequestListener = ({ url }, response) =>
      response.end(url?.includes('/logs?') ? Buffer.concat(frames) : '{"Config":{"Tty":false}}');
    await engineThat(answer, async (docker) => {
      expect(await dockerRuntime({ docker }).logTail('n', 10_000)).toBe(said.join('\n'));
    });
  });

  test('reports an engine that breaks off in the middle of an answer', async () => {
    const breaksOff: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-length': 9 }).write('{', () => response.destroy());
    await engineThat(breaksOff, async (docker) => {
      const asked = ask(() => docker.info(), { within: 300 });
      await expect(asked).rejects.toMatchObject({
        code: 'engine-unreachable',
        message: expect.stringContaining('no answer within 300 ms'),
      });
    });
  });

  test('reports an engine that is shutting down', async () => {
    const closing: RequestListener = (_, response) =>
      response.writeHead(503).end('{"message":"daemon is shutting down"}');
    await engineThat(closing, async (docker) => {
      await expect(dockerRuntime({ docker }).start('a')).rejects.toMatchObject({ code: 'engine-unreachable' });
    });
  });

  test('joins every network before the start, also when the first attempt ended between', async () => {
    const networks = [`${engine.prefix}-a`, `${engine.prefix}-b`];
    for (const Name of networks) await engine.docker.createNetwork({ Name });
    const EndpointsConfig = { [networks[0]!]: {}, [networks[1]!]: { Aliases: ['api', 'other'] } };
    const whole = options({ HostConfig: { NetworkMode: networks[0] }, NetworkingConfig: { EndpointsConfig } });
    const half = { ...whole, NetworkingConfig: { EndpointsConfig: { [networks[0]!]: {} } } };
    const name = await create(half);
    for (let time = 0; time < 2; time++) await runtime.create({ name, template: whole });
    const { NetworkSettings } = await engine.docker.getContainer(name).inspect();
    expect(Object.keys(NetworkSettings.Networks).sort()).toEqual(networks);
    expect(NetworkSettings.Networks[networks[1]!]!.Aliases).toEqual(expect.arrayContaining(['api', 'other']));
  });

  test('tells the address of a running container of Compose on one of the networks that are asked for', async () => {
    const networks = [`${engine.prefix}-c`, `${engine.prefix}-d`];
    for (const Name of networks) await engine.docker.createNetwork({ Name });
    const name = await create({
      Labels: {
        'com.docker.compose.project': engine.prefix,
        'com.docker.compose.service': 'cache',
        'com.docker.compose.oneoff': 'False',
      },
      HostConfig: { NetworkMode: networks[0] },
      NetworkingConfig: { EndpointsConfig: { [networks[0]!]: {} } },
    });
    const addressOf = (query: { service?: string; networks?: string[] }) =>
      runtime.addressOf({ project: engine.prefix, service: 'cache', networks, ...query });
    expect(await addressOf({})).toBeUndefined();
    await runtime.start(name);
    const { NetworkSettings } = await engine.docker.getContainer(name).inspect();
    expect(await addressOf({})).toBe(NetworkSettings.Networks[networks[0]!]!.IPAddress);
    expect(await addressOf({ networks: networks.slice(1) })).toBeUndefined();
    expect(await addressOf({ service: 'other' })).toBeUndefined();
  });

  test('says which network is missing', async () => {
    const network = `${engine.prefix}-none`;
    const created = create({
      HostConfig: { NetworkMode: network },
      NetworkingConfig: { EndpointsConfig: { [network]: {} } },
    });
    const failure = created.then((name) => runtime.start(name));
    await expect(failure).rejects.toMatchObject({
      code: 'launch-failed',
      message: expect.stringContaining(network),
      hint: expect.stringContaining('network'),
    });
  });

  test('gives the words of the engine about a program that is not there', async () => {
    const name = await create({ Cmd: ['/no/such/program'] });
    await expect(runtime.start(name)).rejects.toMatchObject({
      code: 'launch-failed',
      message: expect.stringContaining('/no/such/program'),
      hint: expect.stringContaining('command'),
    });
  });

  test('gives the words of the engine about a path that is not there', async () => {
    const created = create({ HostConfig: { Mounts: [{ Type: 'bind', Source: '/no/such/path', Target: '/x' }] } });
    await expect(created).rejects.toMatchObject({
      code: 'launch-failed',
      message: expect.stringContaining('/no/such/path'),
      hint: expect.stringContaining('path'),
    });
  });

  test('shows restarts by the engine, and ends them by a signal', async () => {
    const name = await create({
      Cmd: ['node', '-e', 'process.exit(3)'],
      HostConfig: { RestartPolicy: { Name: 'unless-stopped' } },
    });
    await runtime.start(name);
    await waitFor({ what: 'a restart', until: async () => (await observed(name)).restarts > 0 });
    await runtime.signal(name, 'SIGTERM');
    await waitFor({
      what: 'its end',
      until: async () => (await engine.docker.getContainer(name).inspect()).State.Status === 'exited',
    });
    const { restarts, exitCode } = await observed(name);
    expect(exitCode).not.toBeUndefined();
    expect(await engine.docker.getContainer(name).inspect()).toMatchObject({
      RestartCount: restarts,
      HostConfig: { RestartPolicy: { Name: 'no' } },
    });
  });

  test('shows ports by number, wherever on this machine they are published', async () => {
    const [one, two] = [await freePort(), await freePort()];
    const name = await create({
      ExposedPorts: { '80/tcp': {}, '81/tcp': {}, '82/udp': {}, '83/tcp': {}, '84/tcp': {} },
      HostConfig: {
        PortBindings: {
          '80/tcp': [{ HostPort: String(one) }],
          '81/tcp': [{ HostIp: '127.0.0.1', HostPort: String(two) }],
          '82/udp': [{ HostPort: String(two) }],
          '83/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }],
        },
      },
    });
    expect((await observed(name)).ports).toEqual({ '80': one, '81': two });
    await runtime.start(name);
    expect((await observed(name)).ports).toEqual({ '80': one, '81': two, '83': expect.any(Number) });
  });

  test('shows Docker’s own health', async () => {
    const name = await create({ Healthcheck: { Test: ['CMD', 'node', '-e', '0'], Interval: 1e8 } });
    expect((await observed(name)).health).toMatch(/none|starting/);
    await runtime.start(name);
    await waitFor({ what: 'healthy', until: async () => (await observed(name)).health === 'healthy' });
  });

  test('keeps an anonymous volume of an instance that it did not launch', async () => {
    const mounted = async (Labels: Record<string, string>) => {
      const name = await create({ Labels, Volumes: { '/data': {} } });
      const { Mounts } = await engine.docker.getContainer(name).inspect();
      const again = await runtime.snapshot(name);
      await runtime.remove(name);
      const left = await engine.docker
        .getVolume(Mounts[0]!.Name!)
        .inspect()
        .catch(() => undefined);
      return { volume: Mounts[0]!.Name!, left: left !== undefined, again: again as CreateOptions };
    };
    expect((await mounted({ 'belay.platform': engine.prefix })).left).toBe(false);
    const { volume, left, again } = await mounted({ 'com.docker.compose.project': engine.prefix });
    expect(left).toBe(true);
    expect(again.HostConfig?.Mounts).toEqual([{ Type: 'volume', Source: volume, Target: '/data', ReadOnly: false }]);
    await engine.docker.getVolume(volume).remove();
  });
});
