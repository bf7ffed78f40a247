import { createOptions, type InstanceRequest } from '../../src/compose/create-options';
import type { ComposeService } from '../../src/compose/project';
import { projectWith } from './projects';

const identity = {
  platform: 'shop',
  service: 'api',
  revision: 2,
  instance: 1,
  fingerprint: 'f2',
  release: 'release/shop/1',
};
const labels = {
  'com.docker.compose.project': 'shop',
  'com.docker.compose.service': 'api',
  'com.docker.compose.config-hash': 'hash-of-api',
  'com.docker.compose.container-number': '1',
  'com.docker.compose.oneoff': 'False',
  'com.docker.compose.project.config_files': '/srv/shop/compose.yaml',
  'com.docker.compose.project.working_dir': '/srv/shop',
  'com.docker.compose.version': '2.26.1',
  'belay.platform': 'shop',
  'belay.service': 'api',
  'belay.revision': '2',
  'belay.instance': '1',
  'belay.fingerprint': 'f2',
  'belay.release': 'release/shop/1',
};

function optionsOf(api: ComposeService, more: Partial<InstanceRequest> = {}) {
  return createOptions({
    project: projectWith({ api }),
    identity,
    image: 'belay/shop/api:r2',
    ports: { '8080': 20_001 },
    stop: { signal: 'SIGTERM', grace: 30_000 },
    routed: true,
    ...more,
  });
}

describe('create options', () => {
  test('of the least service: its port on loopback, its network without its alias', () => {
    expect(optionsOf({ image: 'api:2' })).toStrictEqual({
      Image: 'belay/shop/api:r2',
      Env: [],
      Labels: labels,
      StopSignal: 'SIGTERM',
      StopTimeout: 30,
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: {
        NetworkMode: 'shop_default',
        PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '20001' }] },
        RestartPolicy: { Name: 'unless-stopped' },
        Binds: [],
        Mounts: [],
      },
      NetworkingConfig: { EndpointsConfig: { shop_default: {} } },
    });
  });

  test('of a service with everything that is carried over', () => {
    const api: ComposeService = {
      image: 'api:2',
      environment: { B: 'two', A: 'a=b $c', GONE: null },
      command: ['serve', '--all'],
      entrypoint: ['/bin/sh', '-c'],
      user: '1000:1000',
      labels: { tier: 'web' },
      healthcheck: { test: ['CMD', 'true'], interval: '1m30s', timeout: '500ms', start_period: '1s', retries: 3 },
      networks: { front: {}, back: { aliases: ['api-internal'] } },
      volumes: [
        {
          type: 'bind',
          source: '/srv/shop/config',
          target: '/config',
          read_only: true,
          bind: { create_host_path: true },
        },
        { type: 'bind', source: '/srv/shop/cache', target: '/cache', bind: { create_host_path: true } },
        { type: 'bind', source: '/srv/must/exist', target: '/given', read_only: true, bind: {} },
        { type: 'volume', source: 'data', target: '/data', volume: {} },
        { type: 'volume', source: 'data', target: '/seen', read_only: true, volume: {} },
      ],
    };
    const project = projectWith(
      { api },
      {
        networks: { front: { name: 'shop_front' }, back: { name: 'elsewhere', external: true } },
        volumes: { data: { name: 'shop_data' } },
      },
    );
    expect(
      optionsOf(api, { project, ports: {}, routed: false, stop: { signal: 'SIGINT', grace: 1_500 } }),
    ).toStrictEqual({
      Image: 'belay/shop/api:r2',
      Env: ['A=a=b $c', 'B=two', 'GONE'],
      Cmd: ['serve', '--all'],
      Entrypoint: ['/bin/sh', '-c'],
      User: '1000:1000',
      Healthcheck: { Test: ['CMD', 'true'], Interval: 90e9, Timeout: 5e8, StartPeriod: 1e9, Retries: 3 },
      Labels: { tier: 'web', ...labels },
      StopSignal: 'SIGINT',
      StopTimeout: 2,
      ExposedPorts: {},
      HostConfig: {
        NetworkMode: 'elsewhere',
        PortBindings: {},
        RestartPolicy: { Name: 'unless-stopped' },
        Binds: ['/srv/shop/config:/config:ro', '/srv/shop/cache:/cache:rw'],
        Mounts: [
          { Type: 'bind', Source: '/srv/must/exist', Target: '/given', ReadOnly: true },
          { Type: 'volume', Source: 'shop_data', Target: '/data', ReadOnly: false },
          { Type: 'volume', Source: 'shop_data', Target: '/seen', ReadOnly: true },
        ],
      },
      NetworkingConfig: {
        EndpointsConfig: { elsewhere: { Aliases: ['api', 'api-internal'] }, shop_front: { Aliases: ['api'] } },
      },
    });
  });

  test('say no health check where it is disabled, and keep the image’s test where only times are given', () => {
    expect(optionsOf({ healthcheck: { disable: true } }).Healthcheck).toStrictEqual({ Test: ['NONE'] });
    expect(optionsOf({ healthcheck: { interval: '3s' } }).Healthcheck).toStrictEqual({ Interval: 3e9 });
  });

  test('empty the entrypoint and the command where the file does', () => {
    expect(optionsOf({ entrypoint: [], command: [] })).toMatchObject({ Entrypoint: [], Cmd: [] });
  });

  test('let nobody’s label stand for Belay’s own', () => {
    const stolen = optionsOf({ labels: { 'belay.revision': '9', 'com.docker.compose.service': 'x' } });
    expect(stolen.Labels).toStrictEqual(labels);
  });

  test('are the same for the same request', () => {
    const one = { environment: { A: '1', B: '2' }, networks: { a: null, b: null } };
    const two = { environment: { B: '2', A: '1' }, networks: { b: null, a: null } };
    expect(JSON.stringify(optionsOf(one))).toBe(JSON.stringify(optionsOf(two)));
  });
});
