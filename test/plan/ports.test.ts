import type { ObservedInstance } from '../../src/model/observed';
import { createPorts } from '../../src/plan/ports';
import { desiredService } from './arbitraries';

const running = (...ports: number[]): ObservedInstance[] =>
  ports.map((port) => ({
    name: `shop-api-r1-${port}`,
    revision: 1,
    fingerprint: 'old',
    state: 'running',
    ports: { 8080: port },
    published: [port],
    slots: [],
    traffic: 'in',
  }));

interface World {
  own?: number[];
  instances?: ObservedInstance[];
  ports?: number[];
}

function portsOf({ own, instances = [], ports = [8080] }: World) {
  let next = 20_000;
  return createPorts({
    desired: desiredService({ ports, ...(own && { hostPorts: own }), task: { kind: 'run' } }),
    observed: { fence: { epoch: 0 }, revisions: [], nextRevision: 1, instances, freeSlots: [] },
    takePort: () => next++,
  });
}

test('an instance has ports of the reserved range where its service has none of its own', () => {
  const ports = portsOf({ ports: [8080, 9090], instances: running(20_000) });
  expect(ports.take()).toEqual({ ports: { 8080: 20_000, 9090: 20_001 }, needs: [] });
  expect(ports.suffice()).toBe(true);
});

test('an instance takes a port of the service’s own that no other has', () => {
  const ports = portsOf({ own: [9001, 9002], instances: running(9001) });
  expect(ports.take()).toEqual({ ports: { 8080: 9002 }, needs: [] });
  expect(ports.suffice()).toBe(false);
  expect(() => ports.take()).toThrow('every one of its ports (9001, 9002) is in use');
});

test('an instance that is to go leaves its port to one that waits for its end', () => {
  const ports = portsOf({ own: [9001, 9002], instances: running(9001, 9002) });
  ports.free({ ports: { 8080: 9002 } }, 'api/retire/b');
  ports.free({ ports: { 8080: 9002 } }, 'api/retire/b');
  ports.free({ ports: { 8080: 20_000 } }, 'api/retire/c');
  expect(ports.take()).toEqual({ ports: { 8080: 9002 }, needs: ['api/retire/b'] });
  expect(ports.suffice()).toBe(false);
});

test('an instance that has stopped gives no port away that another one runs at by now', () => {
  const ports = portsOf({ own: [9001, 9002], instances: running(9001) });
  ports.free({ ports: { 8080: 9001 }, state: 'exited' }, 'api/retire/a');
  expect(ports.take()).toEqual({ ports: { 8080: 9002 }, needs: [] });
});

test('an instance that has stopped holds no port', () => {
  const stopped = running(9001).map((one) => ({ ...one, state: 'exited' as const }));
  expect(portsOf({ own: [9001], instances: stopped }).take().ports).toEqual({ 8080: 9001 });
});
