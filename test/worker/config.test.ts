import { workerConfig } from '../../src/worker/config';

describe("the worker's configuration", () => {
  it('needs a name for the host in a container, which has none of its own that lasts', () => {
    expect(() => workerConfig({ BELAY_CONTAINER: 'yes' })).toThrow(
      'BELAY_HOST is missing: a worker in a container cannot tell its host by itself',
    );
    expect(workerConfig({ BELAY_CONTAINER: 'yes', BELAY_HOST: 'web-1' }).host).toBe('web-1');
  });

  it('takes a name from the machine where it runs on the machine itself', () => {
    expect(workerConfig({}).host).toMatch(/^host-[0-9a-f]{8}$/);
  });
});
