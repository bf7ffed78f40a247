import type { ObservedRevision } from '../../src/model/observed';
import { keptService, rollbackTarget } from '../../src/plan/plan-rollback';
import { readTemplate } from '../../src/runtimes/docker/template';
import { desiredService } from './arbitraries';

const revision = (number: number, more: Partial<ObservedRevision> = {}): ObservedRevision => ({
  number,
  state: 'recorded',
  desired: desiredService(),
  task: { kind: 'run' },
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
  expect(kept.task).toEqual({ kind: 'take-again', revision: 2, previous: 1, instances: undefined });
});

test('knows the ports of a container that Compose started', () => {
  const PortBindings = {
    '8080/tcp': [
      { HostIp: '127.0.0.1', HostPort: '8081' },
      { HostIp: '192.168.1.5', HostPort: '80' },
    ],
    '53/udp': [{ HostIp: '', HostPort: '5353' }],
    '9090/tcp': [{ HostIp: '', HostPort: '' }],
  };
  const { ports, published } = readTemplate({ HostConfig: { PortBindings } });
  expect({ ports, published }).toEqual({ ports: { 8080: 8081 }, published: [8081, 80] });
});

test('leads a proxy to the port that such a container publishes on this machine itself, wherever else it publishes one', () => {
  const portsOf = (...bindings: Array<{ HostIp: string; HostPort: string }>) =>
    readTemplate({ HostConfig: { PortBindings: { '8080/tcp': bindings } } }).ports;
  const elsewhere = { HostIp: '192.168.1.5', HostPort: '80' };
  for (const HostIp of ['127.0.0.1', '0.0.0.0', ''])
    expect(portsOf(elsewhere, { HostIp, HostPort: '8081' })).toEqual({ 8080: 8081 });
  expect(portsOf(elsewhere)).toEqual({ 8080: 80 });
});

test('brings containers that Compose started back under their own names', () => {
  const instances = [{ name: 'shop-api-1', ports: { 8080: 8081 }, published: [8081, 80] }];
  expect(keptService(revision(0), instances).task).toMatchObject({ instances });
});
