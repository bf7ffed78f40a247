import type { ContainerInspectInfo } from 'dockerode';
import { toInstance } from '../../src/runtimes/docker/observe';

type Bindings = Record<string, Array<{ HostIp: string; HostPort: string }> | null>;

/** Returns the engine's view of a container, as far as Belay reads it. */
const shown = ({ asked, has }: { asked: Bindings; has: Bindings }) =>
  toInstance({
    Name: '/shop-api-1',
    State: { Status: Object.keys(has).length > 0 ? 'running' : 'created' },
    Config: {},
    HostConfig: { PortBindings: asked },
    NetworkSettings: { Ports: has, Networks: {} },
  } as unknown as ContainerInspectInfo);

const at = (HostIp: string, HostPort: string) => ({ HostIp, HostPort });

test('tells every TCP port of the host that a container publishes, and those apart by which this host reaches it', () => {
  const has: Bindings = {
    '8080/tcp': [at('0.0.0.0', '8080'), at('::', '8080')],
    '8081/tcp': [at('192.168.1.5', '8081')],
    '8082/tcp': [at('192.168.1.5', '80'), at('127.0.0.1', '9000')],
    '53/udp': [at('0.0.0.0', '53')],
    '9090/tcp': null,
  };
  expect(shown({ asked: {}, has })).toMatchObject({
    ports: { 8080: 8080, 8082: 9000 },
    published: [80, 8080, 8081, 9000],
  });
});

test('tells what it will publish while it does not run', () => {
  const asked: Bindings = { '8080/tcp': [at('192.168.1.5', '8080')], '9090/tcp': [at('', '9090-9092')] };
  expect(shown({ asked, has: {} })).toMatchObject({
    state: 'created',
    ports: { 9090: 9090 },
    published: [8080, 9090, 9091, 9092],
  });
});

test('tells the paths that are on volumes without a name', () => {
  const Mounts = [
    { Type: 'volume', Name: 'b'.repeat(64), Destination: '/more' },
    { Type: 'volume', Name: 'a1'.repeat(32), Destination: '/data' },
    { Type: 'volume', Name: 'shop_data', Destination: '/named' },
    { Type: 'bind', Source: '/srv', Destination: '/srv' },
  ];
  const container = { Name: '/a', State: {}, Config: {}, HostConfig: {}, NetworkSettings: {} };
  const instance = (mounts: object[]) =>
    toInstance({ ...container, Mounts: mounts } as unknown as ContainerInspectInfo);
  expect(instance(Mounts)).toMatchObject({ unnamed: ['/data', '/more'] });
  expect(instance(Mounts.slice(2))).not.toHaveProperty('unnamed');
});
