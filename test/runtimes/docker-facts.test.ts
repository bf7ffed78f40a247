import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { diskFinding } from '../../src/checks/disk';
import { missingFinding, platformFinding } from '../../src/checks/image';
import { BelayError } from '../../src/errors';
import { roomIn } from '../../src/hosts/disk';
import { poll } from '../../src/poll';
import { dockerRuntime } from '../../src/runtimes/docker';
import { docker as command } from '../../testbed/docker';
import { deleteManifest, layerOf, type Pushed, pushImage, pushList } from '../../testbed/push';
import { type Registry, startRegistry } from '../../testbed/registry';
import { openEngine, type TestEngine } from './engine';

describe('Docker’s facts', () => {
  let engine: TestEngine;
  let registry: Registry;
  const runtime = dockerRuntime();

  beforeAll(async () => {
    engine = await openEngine('facts');
    registry = await startRegistry({ dir: engine.folder });
  });
  afterAll(async () => {
    await engine?.close();
    await registry?.stop();
  });

  test('of an engine: its own platform, its clock and its folders', async () => {
    const [facts, folders] = await Promise.all([runtime.engine(), runtime.folders()]);
    const { Arch } = await engine.docker.version();
    expect(facts).toMatchObject({ os: 'linux', machines: [Arch], ahead: 0, hasMirrors: false });
    expect(facts.name).toMatch(/^Docker Engine \d/);
    const [room] = await roomIn(folders);
    expect(diskFinding(room!, 0)).toMatchObject({ state: 'ok' });
  });

  describe('of images in a registry', () => {
    const all = Number.MAX_SAFE_INTEGER;
    const own = { os: 'linux', machines: ['amd64'], emulated: [] };
    const name = () => `${engine.prefix}/api`;
    const to = () => ({ address: registry.address, name: name() });
    const pinned = ({ digest }: Pushed) => ({ ref: `${registry.address}/${name()}:1`, digest, local: false });
    const describeOf = (pushed: Pushed, easy = all) => runtime.describe(pinned(pushed), easy);
    const image = async (machine: string, sizes: number[]) => {
      const made = sizes.map((size, index) => layerOf(`file-${index}`, randomBytes(size)));
      return await pushImage(to(), { machine, layers: await Promise.all(made) });
    };

    test('the size of an image for this engine, out of a list', async () => {
      const [arm, amd] = [await image('arm64', [10]), await image('amd64', [40_000])];
      const list = await pushList(to(), [
        { machine: 'arm64', image: arm },
        { machine: 'amd64', image: amd },
      ]);
      const facts = await describeOf(list);
      expect(facts).toMatchObject({ isList: true, platforms: [{ machine: 'arm64' }, { machine: 'amd64' }] });
      expect(facts.download).toBeGreaterThan(40_000);
      expect(facts.download).toBeLessThan(41_000);
      expect(platformFinding('shop/api:1', facts, own)).toBeUndefined();
    });

    test('another platform, which a pull would refuse or an instance could not run', async () => {
      const arm = await image('arm64', [10]);
      const list = await pushList(to(), [{ machine: 'arm64', image: arm }]);
      for (const pushed of [arm, list])
        expect(platformFinding('shop/api:1', await describeOf(pushed), own)).toMatchObject({ state: 'fail' });
      await expect(runtime.fetch({ image: pinned(list) })).rejects.toThrow(/no matching manifest/);
      const asked = await runtime.describe({ ...pinned(list), platform: 'linux/arm64' }, all);
      expect(platformFinding('shop/api:1', asked, { ...own, emulated: ['arm64'] })).toBeUndefined();
      expect(platformFinding('shop/api:1', asked, own)).toMatchObject({ state: 'fail' });
    });

    test('layers that the host has are not counted where room is short', async () => {
      const [base, more] = [await layerOf('base', randomBytes(30_000)), await layerOf('more', randomBytes(5_000))];
      const before = await pushImage(to(), { machine: 'amd64', layers: [base] });
      const after = await pushImage(to(), { machine: 'amd64', layers: [base, more] });
      await runtime.fetch({ image: pinned(before) });
      expect(await describeOf(before)).toEqual({
        platforms: [{ os: 'linux', machine: 'amd64' }],
        isList: false,
        download: 0,
      });
      expect((await describeOf(after)).download).toBe(base.data.length + more.data.length);
      expect((await describeOf(after, 0)).download).toBe(more.data.length);
    });

    test('a digest that was deleted is gone, and a silent registry tells nothing', async () => {
      const pushed = await image('amd64', [10]);
      await describeOf(pushed);
      await deleteManifest(to(), pushed);
      const error = await describeOf(pushed).catch((one: unknown) => one as BelayError);
      expect(error).toBeInstanceOf(BelayError);
      expect(missingFinding(error as BelayError, { mirrored: false })).toMatchObject({
        state: 'fail',
        text: `the registry of ${registry.address}/${name()}:1 does not have ${pushed.digest.slice(0, 19)} any more`,
      });
      const silent = { ...pinned(pushed), ref: '127.0.0.1:1/shop/api:1' };
      await expect(runtime.describe(silent, all)).rejects.toMatchObject({ code: 'registry-unreachable' });
    });
  });

  test('of instances: memory, limits, and the signals that the first process hears', async () => {
    // Node handles SIGTERM by itself, to restore its terminal.
    const { SIGHUP } = constants.signals;
    const waits = 'setInterval(() => {}, 1000)';
    const launch = async (name: string, program: string, more: object = {}) => {
      const full = `${engine.prefix}-${name}`;
      const Cmd = ['node', '-e', program];
      await runtime.create({ name: full, template: { Image: engine.image, Cmd, HostConfig: more } });
      await runtime.start(full);
      return full;
    };
    const [deaf, hears, init] = await Promise.all([
      launch('deaf', waits, { Memory: 128 * 2 ** 20, MemoryReservation: 64 * 2 ** 20 }),
      launch('hears', `process.on('SIGHUP', () => process.exit()); ${waits}`),
      launch('init', waits, { Init: true }),
    ]);
    const heard = async () => (await runtime.facts(hears)).handles?.includes(SIGHUP);
    expect(await poll({ every: 50, within: 10_000, until: heard })).toBe(true);
    expect((await runtime.facts(init)).handles).toBeUndefined();
    // A process shows its signals while it waits for something else.
    const idle = async () => {
      const one = await runtime.facts(deaf);
      return one.handles && one;
    };
    const facts = await poll({ every: 50, within: 10_000, until: idle });
    expect(facts).toMatchObject({ limit: 128 * 2 ** 20, reserved: 64 * 2 ** 20 });
    expect(facts!.handles).not.toContain(SIGHUP);
    expect(facts!.used).toBeGreaterThan(1_000_000);
    await command(['rm', '-f', deaf]);
    expect(await runtime.facts(deaf)).toEqual({});
  });
});
