import type Docker from 'dockerode';
import { ensureResources } from '../../src/runtimes/docker/resources';

const engine = (ApiVersion: string) =>
  ({ version: async () => ({ ApiVersion, Version: '20.10.24' }) }) as unknown as Docker;
const needing = (...api: string[]) => ({
  networks: [],
  volumes: [],
  external: { networks: [], volumes: [] },
  requires: api.map((one) => ({ api: one, where: `compose.yaml:4 services.api.needs-${one}` })),
});

describe('what instances need of an engine', () => {
  test('is refused by its place where the engine is older and would drop it', async () => {
    await expect(ensureResources(engine('1.41'), needing('1.44', '1.41', '1.100'))).rejects.toMatchObject({
      code: 'preflight-failed',
      message: [
        'compose.yaml:4 services.api.needs-1.44: needs an engine with API 1.44',
        'compose.yaml:4 services.api.needs-1.100: needs an engine with API 1.100',
        'this is Docker Engine 20.10.24, API 1.41',
      ].join('\n'),
    });
  });

  test.each(['1.44', '1.51', '2.0'])('is there on one with API %s', async (version) => {
    await expect(ensureResources(engine(version), needing('1.44'))).resolves.toBeUndefined();
  });
});
