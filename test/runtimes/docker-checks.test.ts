import { poll } from '../../src/poll';
import { probe } from '../../src/probes';
import { dockerRuntime } from '../../src/runtimes/docker';
import { docker as command } from '../../testbed/docker';
import { check, instanceAt } from '../contracts/probe-contract';
import { openEngine, type TestEngine } from './engine';

let engine: TestEngine;
let name: string;

beforeAll(async () => {
  engine = await openEngine('checks');
  name = `${engine.prefix}-api`;
  const container = await engine.docker.createContainer({
    name,
    Image: engine.image,
    Cmd: ['node', '-e', 'setInterval(() => {}, 1e6)'],
    Healthcheck: {
      Test: ['CMD', 'node', '-e', 'console.log("1\\nno queue"); process.exit(1)'],
      Interval: 1e9,
      Timeout: 5e9,
      Retries: 1,
    },
    HostConfig: { NetworkMode: 'none' },
  });
  await container.start();
});
afterAll(() => engine?.close());

const inside = (script: string, timeout = 5_000) => {
  const runtime = dockerRuntime({ docker: engine.docker });
  return probe({
    instance: instanceAt(1, { name }),
    check: check({ command: ['node', '-e', script], timeout }),
    run: (argv, signal) => runtime.run(name, { argv, signal }),
  });
};

test('is content with a program that ends with 0, and tells how another ended', async () => {
  expect(await inside('console.log("fine")')).toEqual({ healthy: true });
  expect(await inside('console.error("first\\nno schema"); process.exit(3)')).toEqual({
    healthy: false,
    why: 'ended with 3: no schema',
  });
  expect(await inside('console.log("on its output"); process.exit(1)')).toEqual({
    healthy: false,
    why: 'ended with 1: on its output',
  });
});

test('ends a program that takes too long', async () => {
  expect(await inside('setInterval(() => {}, 54321)', 500)).toEqual({ healthy: false, why: 'no answer within 500ms' });
  expect(await command(['top', name, '-eo', 'pid,args'])).not.toContain('54321');
});

test('tells the output of the last HEALTHCHECK', async () => {
  const runtime = dockerRuntime({ docker: engine.docker });
  const said = await poll({
    until: async () => (await runtime.healthOutput(name)) || undefined,
    every: 100,
    within: 20_000,
  });
  expect(said).toBe('1\nno queue\n');
  expect(await runtime.healthOutput(`${name}-gone`)).toBe('');
});
