import { sharedNamespace, tiesTo } from '../../src/runtimes/docker/compose/ties';
import { projectWith } from './projects';

const project = projectWith({
  vpn: { container_name: 'my_vpn' },
  torrent: { network_mode: 'service:vpn' },
  debug: { pid: 'container:my_vpn' },
  web: { links: ['api:backend'], network_mode: 'bridge' },
  api: {},
});

test('finds who is tied to the containers of a service, by its name and by theirs', () => {
  expect(tiesTo(project, 'vpn')).toEqual([
    { service: 'torrent', by: 'network_mode: service:vpn', shares: true },
    { service: 'debug', by: 'pid: container:my_vpn', shares: true },
  ]);
  expect(tiesTo(project, 'api')).toEqual([{ service: 'web', by: 'links: api:backend', shares: false }]);
});

test('says of both sides why they cannot be replaced apart, and nothing of those that can', () => {
  expect(sharedNamespace(project, 'vpn')).toBe('torrent has network_mode: service:vpn, and ends with its container');
  expect(sharedNamespace(project, 'torrent')).toBe('it has network_mode: service:vpn, and ends with that container');
  expect(['web', 'api'].map((name) => sharedNamespace(project, name))).toEqual([undefined, undefined]);
});
