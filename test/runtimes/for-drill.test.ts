import { forDrill } from '../../src/runtimes/docker/compose/for-drill';
import type { CreateOptions } from '../../src/runtimes/docker/create-options';

const template: CreateOptions = {
  Image: 'shop/api:1',
  Env: ['A=1'],
  Hostname: 'api',
  MacAddress: '02:00:00:00:00:01',
  Labels: { 'com.docker.compose.project': 'shop', 'traefik.enable': 'true', 'belay.platform': 'shop' },
  HostConfig: {
    NetworkMode: 'shop_default',
    Init: true,
    RestartPolicy: { Name: 'always' },
    PortBindings: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '80' }] },
  },
  NetworkingConfig: {
    EndpointsConfig: { shop_default: { Aliases: ['api'], IPAMConfig: { IPv4Address: '10.0.0.9' } } },
  },
};
const request = { label: 'belay.drill', owner: 'shop/api', ports: [8080] };

test('the instance of a drill has image, environment and networks of the service, and nothing by which clients find it', () => {
  expect(forDrill(template, request)).toEqual({
    Image: 'shop/api:1',
    Env: ['A=1'],
    Labels: { 'belay.drill': 'shop/api' },
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: {
      NetworkMode: 'shop_default',
      Init: true,
      RestartPolicy: { Name: 'no' },
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] },
    },
    NetworkingConfig: { EndpointsConfig: { shop_default: {} } },
  });
});

test.each(['host', 'container:abc'])('a container on the network %s cannot have a second beside it', (NetworkMode) => {
  expect(() => forDrill({ ...template, HostConfig: { NetworkMode } }, request)).toThrow(
    /shop\/api: its containers share/,
  );
});
