import { sameCheck } from '../../src/spec/same-check';
import { ServiceSpec } from '../../src/spec/spec';

const said = (health: object) => sameCheck(ServiceSpec.parse({ health }));

test.each([
  [
    { http: '/up', port: 80 },
    { http: '/up', port: 80, every: '5s', failures: 9 },
  ],
  [
    { grpc: 80, call: 'a.B/C', message: { id: ['x'] }, within: '5m' },
    { grpc: 80, call: 'a.B/C', message: { id: ['x'] } },
  ],
  [{ docker: true }, { docker: true }],
  [{ command: ['up'] }, { command: ['up'], where: 'container' }],
  [
    { http: '/up', port: 80, status: 200 },
    { http: '/up', port: 80 },
  ],
])('liveness that equals readiness is said, whatever its times: %j', (ready, live) => {
  expect(said({ ready, live })).toContain('readiness equals liveness');
});

test.each([
  [
    { http: '/ready', port: 80 },
    { http: '/live', port: 80 },
  ],
  [{ command: ['up'] }, { command: ['up'], where: 'host' }],
  [
    { http: '/up', port: 80 },
    { http: '/up', port: 81 },
  ],
  [
    { http: '/up', port: 80, json: { ready: true } },
    { http: '/up', port: 80 },
  ],
  [
    { grpc: 80, call: 'a.B/C', message: { id: ['x'] } },
    { grpc: 80, call: 'a.B/C', message: { id: ['y'] } },
  ],
  [{ tcp: 80 }, undefined],
])('another one is not: %j', (ready, live) => {
  expect(said({ ready, live })).toBe(false);
});
