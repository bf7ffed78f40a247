import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runtimeContract } from '../contracts/runtime-contract';
import { type MemoryRuntime, memoryRuntime } from '../fakes/memory-runtime';
import { writtenProject } from './projects';

const ref = 'shop-api:dev';

runtimeContract('the memory runtime', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-memory-'));
  const [runtime, offline] = [memoryRuntime(), memoryRuntime()];
  runtime.addFile(ref);
  runtime.onJob((command) => (command === 'up' ? undefined : Number(command.split(' ')[1])));
  offline.unreachable = true;
  let port = 9000;
  return {
    runtime,
    offline,
    platform: 'shop',
    ref,
    unknownRef: 'nobody:1',
    project: (services) => writtenProject({ folder, platform: 'shop', image: ref, services }),
    freePort: async () => port++,
    job: (code) => ['up', ...(code === undefined ? [] : [String(code)])],
    another: async () => runtime,
    settled: async () => undefined,
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

describe('the memory runtime', () => {
  const key = { platform: 'shop', service: 'api', revision: 1 };
  let runtime: MemoryRuntime;
  beforeEach(() => {
    runtime = memoryRuntime();
    runtime.addFile(ref);
  });

  test('has the file of the last release in place of one that is gone, and says so', async () => {
    const { artifact } = await runtime.artifacts.pin({ ref });
    await runtime.artifacts.fetch({ artifact, keep: key });
    runtime.removeFile(ref);
    expect(await runtime.artifacts.pin({ ref, former: artifact })).toEqual({
      artifact,
      warning: expect.stringContaining(ref),
    });
    await expect(runtime.artifacts.offered(artifact)).rejects.toMatchObject({ code: 'image-unknown' });
  });

  test('a file is here, at its source, or gone', async () => {
    const { artifact } = await runtime.artifacts.pin({ ref });
    expect(await runtime.artifacts.where(artifact)).toBe('source');
    runtime.addFile(ref, 'another content');
    expect(await runtime.artifacts.where(artifact)).toBe('gone');
    const { artifact: other } = await runtime.artifacts.pin({ ref });
    await runtime.artifacts.fetch({ artifact: other, keep: key });
    expect(await runtime.artifacts.where(other)).toBe('here');
  });
});
