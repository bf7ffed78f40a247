import { type Kept, keptService, rollbackTarget } from '../../src/plan/plan-rollback';
import { desiredService } from './arbitraries';

const revision = (number: number, more: Partial<Kept> = {}): Kept => ({
  number,
  state: 'recorded',
  desired: desiredService(),
  ...more,
});

test('leads to the revision before the head', () => {
  expect(rollbackTarget({ head: 3, revisions: [revision(1), revision(3, { previous: 1 })] })?.number).toBe(1);
});

test('leads to the head itself when a newer revision was begun and never recorded', () => {
  expect(
    rollbackTarget({ head: 1, revisions: [revision(1), revision(2, { state: 'pending', previous: 1 })] })?.number,
  ).toBe(1);
});

test('passes over what a failed release has left abandoned', () => {
  const revisions = [revision(1), revision(2, { previous: 1 }), revision(3, { state: 'abandoned', previous: 2 })];
  expect(rollbackTarget({ head: 2, revisions })?.number).toBe(1);
});

test('leads nowhere from the first revision', () => {
  expect(rollbackTarget({ head: 1, revisions: [revision(1)] })).toBeUndefined();
  expect(rollbackTarget({ revisions: [] })).toBeUndefined();
});

test('goes further back when it is asked again: what it made remembers the one before', () => {
  const kept = keptService(revision(2, { previous: 1 }));
  expect(kept.kept).toEqual({ revision: 2, previous: 1, instances: undefined });
});

test('brings containers that Compose started back under their own names and ports', () => {
  const snapshots = {
    'shop-api-1': {
      HostConfig: {
        PortBindings: {
          '8080/tcp': [
            { HostIp: '127.0.0.1', HostPort: '8081' },
            { HostIp: '192.168.1.5', HostPort: '80' },
          ],
          '53/udp': [{ HostIp: '', HostPort: '5353' }],
          '9090/tcp': [{ HostIp: '', HostPort: '' }],
        },
      },
    },
  };
  expect(keptService(revision(0, { snapshots })).kept?.instances).toEqual([
    { name: 'shop-api-1', ports: { 8080: 8081 }, published: [8081, 80] },
  ]);
});

test('leads a proxy to the port that such a container publishes on this machine itself, wherever else it publishes one', () => {
  const portsOf = (...PortBindings: object[]) => {
    const snapshots = { 'shop-api-1': { HostConfig: { PortBindings: { '8080/tcp': PortBindings } } } };
    return keptService(revision(0, { snapshots })).kept?.instances?.[0]?.ports;
  };
  const elsewhere = { HostIp: '192.168.1.5', HostPort: '80' };
  for (const HostIp of ['127.0.0.1', '0.0.0.0', ''])
    expect(portsOf(elsewhere, { HostIp, HostPort: '8081' })).toEqual({ 8080: 8081 });
  expect(portsOf(elsewhere)).toEqual({ 8080: 80 });
});
