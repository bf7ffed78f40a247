import { probe } from '../../src/probes';
import { dockerRuntime } from '../../src/runtimes/docker';
import { freePort } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';
import { check, instanceAt, probeContract, serving, tcp } from '../contracts/probe-contract';
import { openEngine, type TestEngine } from '../runtimes/engine';

const listening = check({ tcp: 8080 });
probeContract('a tcp check', probe, listening);

describe('a tcp check', () => {
  test('is content with a server that speaks first, and with one that is silent', async () => {
    for (const greeting of ['220 hello\r\n', '']) {
      const server = tcp((socket) => void socket.write(greeting));
      const result = await serving(server, (port) => probe({ instance: instanceAt(port), check: listening }));
      expect(result).toEqual({ healthy: true });
    }
  });

  test('is not content with a connection that is closed at once', async () => {
    const server = tcp((socket) => socket.destroy());
    const result = await serving(server, (port) => probe({ instance: instanceAt(port), check: listening }));
    expect(result).toEqual({ healthy: false, why: 'accepted and closed at once: nothing listens inside' });
  });

  describe('on a published port', () => {
    let engine: TestEngine;
    beforeAll(async () => {
      engine = await openEngine('tcp');
    });
    afterAll(() => engine?.close());

    const launch = async (listens: boolean) => {
      const runtime = dockerRuntime(engine);
      const name = `${engine.prefix}-${listens}`;
      const program = `${listens ? "require('net').createServer(() => {}).listen(8080)" : 'setInterval(() => {}, 1000)'}; console.log('up')`;
      const options = {
        Image: engine.image,
        Cmd: ['node', '-e', program],
        Labels: { 'belay.platform': engine.prefix, 'belay.service': String(listens), 'belay.revision': '1' },
        ExposedPorts: { '8080/tcp': {} },
        HostConfig: { PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(await freePort()) }] } },
      };
      await runtime.create({ name, template: options });
      await runtime.start(name);
      await waitFor({ what: `${name} up`, until: async () => (await runtime.logTail(name, 1)) === 'up' });
      const [instance] = await runtime.observe({ platform: engine.prefix, service: String(listens) });
      return instance!;
    };

    test('is not deceived by Docker’s forwarder, which accepts for a program that does not listen', async () => {
      const instance = await launch(false);
      for (let time = 0; time < 5; time++)
        expect(await probe({ instance, check: listening })).toMatchObject({ healthy: false });
    });

    test('finds a program that listens', async () => {
      const instance = await launch(true);
      await waitFor({ what: 'listening', until: async () => (await probe({ instance, check: listening })).healthy });
      expect(await probe({ instance, check: listening })).toEqual({ healthy: true });
    });
  });
});
