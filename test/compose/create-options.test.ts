import { serviceAttributes } from '../../src/runtimes/docker/compose/attributes';
import { createOptions, type InstanceRequest } from '../../src/runtimes/docker/compose/create-options';
import { forInstance } from '../../src/runtimes/docker/compose/for-instance';
import { resourcesOf } from '../../src/runtimes/docker/compose/networks';
import type { ComposeService } from '../../src/runtimes/docker/compose/project';
import { setAttributes } from '../../src/runtimes/docker/compose/walk';
import { beyond } from './everything';
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
  'com.docker.compose.depends_on': '',
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
  test('keep a container name on the networks, in the place of the one that Compose would give', () => {
    const networks = { default: null };
    const aliases = (routed: boolean) =>
      optionsOf({ container_name: 'shop', networks }, { routed }).NetworkingConfig?.EndpointsConfig?.shop_default
        ?.Aliases;
    expect(aliases(false)).toEqual(['shop', 'api']);
    expect(aliases(true)).toBeUndefined();
  });

  test('publish ports over UDP as the file does, beside those on loopback', () => {
    const ports = [
      { target: 53, published: '53', protocol: 'udp', host_ip: '127.0.0.1' },
      { target: 53, published: '54', protocol: 'udp' },
      { target: 80, published: '80', protocol: 'tcp' },
    ];
    const template = optionsOf({ ports }, { ports: {} });
    const made = forInstance(template, { identity, ports: { '8080': 20_002 }, labels: { mine: 'yes' } });
    expect(made.HostConfig?.PortBindings).toEqual({
      '53/udp': [
        { HostIp: '127.0.0.1', HostPort: '53' },
        { HostIp: '', HostPort: '54' },
      ],
      '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '20002' }],
    });
    expect(made.ExposedPorts).toEqual({ '53/udp': {}, '8080/tcp': {} });
    expect(made.Labels).toMatchObject({ mine: 'yes', 'belay.instance': '1' });
  });

  test('of the least service: its port on loopback, its network without its alias', () => {
    expect(optionsOf({ image: 'api:2' })).toStrictEqual({
      Image: 'belay/shop/api:r2',
      Env: [],
      AttachStdout: true,
      AttachStderr: true,
      Labels: labels,
      StopSignal: 'SIGTERM',
      StopTimeout: 30,
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: {
        NetworkMode: 'shop_default',
        PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '20001' }] },
        Binds: [],
        Mounts: [],
      },
      NetworkingConfig: { EndpointsConfig: { shop_default: { Links: ['shop-api-r2-1:api'] } } },
    });
  });

  test('of a service on several networks, the first by its priority, with the name that Compose would give it', () => {
    const networks = { back: { aliases: ['inner'] }, front: { priority: 5, ipv4_address: '10.0.0.2' }, own: null };
    const project = projectWith(
      { api: { networks } },
      {
        networks: { front: { name: 'shop_front' }, back: { name: 'elsewhere', external: true }, own: { name: 'own' } },
      },
    );
    const { HostConfig, NetworkingConfig } = optionsOf({}, { project, routed: false });
    expect(HostConfig?.NetworkMode).toBe('shop_front');
    expect(NetworkingConfig?.EndpointsConfig).toStrictEqual({
      shop_front: { Aliases: ['shop-api-1', 'api'], IPAMConfig: { IPv4Address: '10.0.0.2' } },
      elsewhere: { Aliases: ['shop-api-1', 'api', 'inner'], IPAMConfig: {} },
      own: { Aliases: ['shop-api-1', 'api'] },
    });
  });

  test.each(['none', 'host', 'bridge'])('of a service with network_mode %s: on no network of the project', (mode) => {
    const { HostConfig, NetworkingConfig } = optionsOf({ network_mode: mode, networks: undefined });
    expect(HostConfig?.NetworkMode).toBe(mode);
    expect(NetworkingConfig).toStrictEqual({ EndpointsConfig: {} });
  });

  test('have the address of the first network’s interface where every engine looks for it, others at their network', () => {
    const mac_address = '02:42:0a:00:00:02';
    expect(optionsOf({ mac_address }).MacAddress).toBe(mac_address);
    const { MacAddress, NetworkingConfig } = optionsOf({
      networks: { a: { mac_address }, b: { mac_address: '02::1' } },
    });
    expect(MacAddress).toBe(mac_address);
    expect(NetworkingConfig?.EndpointsConfig).toMatchObject({ b: { MacAddress: '02::1' } });
    expect(NetworkingConfig?.EndpointsConfig?.a).not.toHaveProperty('MacAddress');
  });

  test.each([
    [{ annotations: { a: 'b' } }, { HostConfig: { Annotations: { a: 'b' } } }],
    [{ healthcheck: { test: ['CMD', 'x'], start_interval: '3s' } }, { Healthcheck: { StartInterval: 3e9 } }],
    [{ cpu_rt_period: 5, cpu_rt_runtime: 4 }, { HostConfig: { CpuRealtimePeriod: 5, CpuRealtimeRuntime: 4 } }],
    [{ storage_opt: { size: '1G' } }, { HostConfig: { StorageOpt: { size: '1G' } } }],
    [
      { gpus: [{ count: -1, options: { a: 'b' } }] },
      {
        HostConfig: {
          DeviceRequests: [{ Driver: '', Count: -1, Capabilities: [['gpu']], Options: { a: 'b' } }],
        },
      },
    ],
    [
      { networks: { default: { driver_opts: { a: 'b' } } } },
      { NetworkingConfig: { EndpointsConfig: { shop_default: { DriverOpts: { a: 'b' } } } } },
    ],
    [
      { volumes: [{ type: 'volume', source: 'data', target: '/d', volume: { subpath: 'sub' } }] },
      { HostConfig: { Mounts: [{ Type: 'volume', Source: 'data', Target: '/d', VolumeOptions: { Subpath: 'sub' } }] } },
    ],
  ] as Array<[ComposeService, object]>)('that no container of this machine can have: %j', (service, options) => {
    expect(optionsOf(service)).toMatchObject(options);
    const rows = setAttributes(service, serviceAttributes).map(({ row }) => row);
    expect(Object.keys(beyond)).toEqual(
      expect.arrayContaining([expect.stringMatching(new RegExp(`^${rows[0]!.split('.')[0]}`))]),
    );
  });

  test('say which engine they need', () => {
    const service = {
      annotations: { a: 'b' },
      healthcheck: { start_interval: '3s' },
      networks: { default: { mac_address: '02:00:00:00:00:01' }, other: { mac_address: '02:00:00:00:00:02' } },
      volumes: [{ type: 'volume', source: 'data', target: '/d', volume: { subpath: 'sub' } }],
    };
    expect(resourcesOf(projectWith({ api: service }), ['api']).requires).toEqual([
      { api: '1.43', where: 'compose.yaml services.api.annotations' },
      { api: '1.44', where: 'compose.yaml services.api.healthcheck.start_interval' },
      { api: '1.44', where: 'compose.yaml services.api.networks.other.mac_address' },
      { api: '1.45', where: 'compose.yaml services.api.volumes' },
    ]);
    expect(resourcesOf(projectWith({ api: {} }), ['api']).requires).toEqual([]);
  });

  test('carry the number of processors as Compose does, in single precision', () => {
    const cpus = [0.1, 1.5, 0.123456789].map((one) => optionsOf({ cpus: one }).HostConfig?.NanoCpus);
    expect(cpus).toEqual([100_000_000, 1_500_000_000, 123_456_792]);
  });

  test.each([
    ['no', { Name: 'no' }],
    ['always', { Name: 'always' }],
    ['unless-stopped', { Name: 'unless-stopped' }],
    ['on-failure', { Name: 'on-failure' }],
    ['on-failure:3', { Name: 'on-failure', MaximumRetryCount: 3 }],
  ])('restart %s', (restart, policy) => {
    expect(optionsOf({ restart }).HostConfig?.RestartPolicy).toStrictEqual(policy);
    const deploy = { restart_policy: { condition: 'any', max_attempts: 2 } };
    expect(optionsOf({ restart, deploy }).HostConfig?.RestartPolicy).toStrictEqual({
      Name: 'always',
      MaximumRetryCount: 2,
    });
  });

  test('takes nothing of restart where deploy says anything of it, as Compose does', () => {
    const policyOf = (restart_policy: object) =>
      optionsOf({ restart: 'on-failure:5', deploy: { restart_policy } }).HostConfig?.RestartPolicy;
    expect(policyOf({ max_attempts: 2 })).toBeUndefined();
    expect(policyOf({ condition: 'on-failure' })).toStrictEqual({ Name: 'on-failure' });
  });

  test('take secrets and configs that are files as mounts, others as files of the instance', () => {
    const api: ComposeService = {
      secrets: [{ source: 'key' }, { source: 'word', target: 'w', uid: '7', mode: 0o400 }],
      configs: [{ source: 'settings', target: '/etc/s' }, { source: 'note' }],
      volumes: [{ type: 'bind', source: '/own', target: '/run/secrets/key', bind: { create_host_path: true } }],
    };
    const project = projectWith(
      { api },
      {
        secrets: { key: { file: '/k' }, word: { environment: 'WORD' } },
        configs: { settings: { file: '/s' }, note: { content: 'text' } },
        given: { variables: { WORD: 'secret' }, profiles: {}, proxies: {} },
      },
    );
    const { HostConfig, Files } = optionsOf(api, { project });
    expect(HostConfig?.Binds).toEqual(['/own:/run/secrets/key:rw']);
    expect(HostConfig?.Mounts).toEqual([{ Type: 'bind', Source: '/s', Target: '/etc/s', ReadOnly: true }]);
    expect(Files).toEqual([
      { path: '/run/secrets/w', text: 'secret', mode: 0o400, owner: { uid: 7, gid: 0 } },
      { path: '/note', text: 'text', mode: 0o444 },
    ]);
    const without = { ...project, given: { ...project.given, variables: {} } };
    expect(() => optionsOf(api, { project: without })).toThrow(/the variable WORD, .* is not set/);
  });

  test('take paths with a colon as mounts, which the short form could not say', () => {
    const { HostConfig } = optionsOf({
      volumes: [{ type: 'bind', source: '/a:b', target: '/t', read_only: true, bind: { create_host_path: true } }],
    });
    expect(HostConfig).toMatchObject({ Binds: [], Mounts: [{ Source: '/a:b', Target: '/t', ReadOnly: true }] });
  });

  test('have the proxies of Docker’s client configuration in the environment, unless the file says otherwise', () => {
    const given = { variables: {}, profiles: {}, proxies: { HTTP_PROXY: 'http://p', NO_PROXY: 'x' } };
    const api = { environment: { NO_PROXY: 'mine', A: '1' } };
    expect(optionsOf(api, { project: projectWith({ api }, { given }) }).Env).toEqual([
      'A=1',
      'HTTP_PROXY=http://p',
      'NO_PROXY=mine',
    ]);
  });

  test('of one instance are those of its revision, with its number, its ports and its labels', () => {
    const template = optionsOf(
      { expose: ['9000'] },
      { identity: { ...identity, instance: 0 }, ports: {}, routed: false },
    );
    const own = forInstance(template, { identity: { ...identity, instance: 3 }, ports: { '8080': 20_003 } });
    expect(own.Labels).toMatchObject({ 'com.docker.compose.container-number': '3', 'belay.instance': '3' });
    expect(own.ExposedPorts).toEqual({ '9000': {}, '8080/tcp': {} });
    expect(own.NetworkingConfig?.EndpointsConfig?.shop_default?.Aliases).toEqual(['shop-api-3', 'api']);
    expect(own.HostConfig?.PortBindings).toEqual({ '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '20003' }] });
  });

  test('lead an instance by its service’s names to itself, on each network, where others find a proxy by them', () => {
    const api = { networks: { default: null, back: { aliases: ['inner'] } }, external_links: ['db:base'] };
    const template = optionsOf(api, { identity: { ...identity, instance: 0 } });
    const own = forInstance(template, { identity: { ...identity, revision: 4, instance: 3 }, ports: {} });
    const links = Object.values(own.NetworkingConfig?.EndpointsConfig ?? {}).map(({ Links }) => Links);
    expect(links).toEqual([
      ['db:base', 'shop-api-r4-3:api', 'shop-api-r4-3:inner'],
      ['db:base', 'shop-api-r4-3:api'],
    ]);
    expect(own.HostConfig?.Links).toEqual(['db:base']);
    const unrouted = optionsOf({}, { routed: false });
    expect(unrouted.NetworkingConfig?.EndpointsConfig?.shop_default).not.toHaveProperty('Links');
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
