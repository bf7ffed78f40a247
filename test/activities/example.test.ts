import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examplesOf } from '../../src/resolve/example';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-example-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test("an example is read in the image of the service's platform and version", async () => {
  writeFileSync(join(home, 'belay.yaml'), 'platform: shop\nservices: { api: {} }\n');
  writeFileSync(join(home, 'compose.yaml'), 'services: { api: { image: "shop/api:1", platform: linux/arm64 } }\n');
  const runtime = fakeRuntime();
  runtime.addImage('shop/api:2');
  const fileIn = jest.spyOn(runtime, 'fileIn').mockResolvedValue('POOL=5\n');
  const read = examplesOf(fakeDeps({ home, runtime }), { folder: home, files: {}, versions: { api: '2' } });
  expect(await read({ service: 'api', path: '/app/.env.example' })).toBe('POOL=5\n');
  const image = { ref: 'shop/api:2', platform: 'linux/arm64' };
  expect(fileIn).toHaveBeenCalledWith(expect.objectContaining(image), '/app/.env.example');
});
