import type { DesiredService } from '../../src/model/desired';
import { unaskedPorts } from '../../src/plan/fleet';

test.each([
  [{ http: '/ready', port: 8080 }, [9000]],
  [{ tcp: 9000 }, [8080]],
  [{ docker: true }, [8080, 9000]],
  [{ command: ['up'], port: 8080 }, [8080, 9000]],
  [{ command: ['./up'], where: 'host', folder: '/srv/shop', port: 8080 }, [8080, 9000]],
])('ports of routes that %j does not ask are connected to', (ready, ports) => {
  const routes = [8080, 9000, 8080].map((port) => ({ proxy: 'edge', backend: 'api', port }));
  expect(unaskedPorts({ routes, ready } as unknown as DesiredService)).toEqual(ports);
});
