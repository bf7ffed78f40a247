import { asAsked } from '../../src/model/own-ports';

test.each([
  ['an instance of a template', { 9002: 9002, 9100: 9100 }, { ports: [9001], hostPorts: [9001, 9002] }, { 9001: 9002 }],
  ['a unit at its port', { 9097: 9097 }, { ports: [9097], hostPorts: [9097] }, { 9097: 9097 }],
  ['a unit of two ports', { 80: 80, 443: 443 }, { ports: [80, 443], hostPorts: [80, 443] }, { 80: 80, 443: 443 }],
  ['a container', { 8080: 32_000 }, { ports: [8080] }, { 8080: 32_000 }],
])('%s has its own port for the asked one', (_, ports, desired, expected) => {
  expect(asAsked(ports, desired)).toEqual(expected);
});
