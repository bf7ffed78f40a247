import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Deps } from '../../activities';
import { createEffects, type EffectHooks } from '../../src/hosts/effects';
import type { Probe } from '../../src/probes/probe';
import type { Proxy, ProxyAdapter } from '../../src/proxies/proxy';
import { isKind } from '../../src/spec/proxies';
import { waitFor } from '../../testbed/wait';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeFronts, fakeFronts } from '../fakes/fake-fronts';
import { type FakeProxy, fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { type MemoryDrills, memoryDrills } from '../fakes/memory-drills';
import type { MemoryRuntime } from '../fakes/memory-runtime';

export const platform = 'shop';

/**
 * Images of the service. `bad`, `latebad` and `slowbad` fail their test, `latebad` once a former instance is
 * gone. `slow` and `slowbad` have to be killed.
 */
const versions = ['1', '2', 'bad', 'latebad', 'slow', 'slowbad'] as const;
export type Version = (typeof versions)[number];
export const image = (version: Version) => `${platform}/api:${version}`;

type Instances = Pick<FakeRuntime & MemoryRuntime, 'observe' | 'names' | 'ignoreSignals' | 'probe'>;

/** A host with real files, and an engine and proxies in memory. Workers come and go over it. */
export interface Host {
  home: string;
  /** A folder that the service writes to. With a file `bad` in it no instance is ready. */
  data: string;
  runtime: FakeRuntime;
  /** The runtime of its instances, in memory or a fake engine. */
  instances: Instances;
  proxy: FakeProxy;
  fronts: FakeFronts;
  drills: MemoryDrills;
  /** Writes a file of the project's folder: an object as YAML. */
  write(name: string, content: object | string): void;
  /** Texts of files of the project's folder, by name. */
  read(): Record<string, string>;
  /** The image of an instance. */
  versionOf(name: string): Promise<Version | undefined>;
  /** Returns the number of instances that get requests, and servers in traffic whose instance does not run. */
  traffic(): Promise<{ serving: number; lost: string[] }>;
  /** The world of one worker. */
  open(given: { hooks: EffectHooks; temporal: Deps['temporal'] }): Deps;
  remove(): void;
}

/** Adapters of other kinds, in place of the fake HAProxy of the user's own and the fake engine. */
export interface OtherKinds {
  proxy?: ProxyAdapter;
  runtime?: MemoryRuntime;
}

export function createHost({ proxy: given, runtime: other }: OtherKinds = {}): Host {
  const home = mkdtempSync(join(tmpdir(), 'belay-kill-'));
  const folder = join(home, 'specs', platform);
  const data = join(home, 'data');
  for (const path of [folder, data]) mkdirSync(path, { recursive: true });
  const runtime = fakeRuntime();
  for (const ref of [...versions.map(image), 'haproxy:1', 'haproxy:2']) runtime.addImage(ref);
  for (const ref of versions.map(image)) other?.addFile(ref);
  runtime.onJob((command) => (command === 'migrate status' ? 1 : 0));
  const proxy = fakeProxy({
    backends: { api: servers(8), steady: servers(8), blue: servers(4), green: servers(4) },
    sets: { pair: { live: 'blue', idle: 'green' } },
    sticky: ['steady'],
  });
  const fronts = fakeFronts();
  const drills = memoryDrills();
  const instances = other ?? runtime;
  // Networks of containers that Compose has started.
  runtime.networkOf = async () => ({ pid: 1, id: 'net:[1]' });
  const versionOf = async (name: string) => {
    if (other) return versions.find((version) => image(version) === other.sourceOf(name));
    const { image: id } = runtime.read(await runtime.snapshot(name));
    const ids = await Promise.all(versions.map((version) => runtime.imageId(image(version))));
    return versions[ids.indexOf(id)];
  };
  return {
    home,
    data,
    runtime,
    instances,
    proxy,
    fronts,
    drills,
    versionOf,
    traffic: () => trafficOf({ instances, proxy: given?.open({ platform, name: 'edge' }) ?? proxy, fronts }),
    write: (name, content) =>
      writeFileSync(join(folder, name), typeof content === 'string' ? content : stringify(content)),
    read: () => Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
    open: ({ hooks, temporal }) =>
      fakeDeps({
        home,
        specs: [join(home, 'specs')],
        runtime,
        effects: createEffects({ home, hooks }),
        proxyOf: (spec) => {
          const adapter = adaptersOf(() => proxy)(spec);
          if (isKind(spec, 'managed haproxy')) return { ...adapter, open: ({ name }) => fronts.proxy(name) };
          return given ?? adapter;
        },
        fronts,
        drillsOf: () => drills,
        ...(other && { runtimeOf: () => other, forOnePlan: () => ({ engine: runtime, runtimeOf: () => other }) }),
        probe: probing({ instances, drills, versionOf, data }),
        temporal,
      }),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

const servers = (count: number) => Array.from({ length: count }, (_, index) => `s${index + 1}`);

async function trafficOf({ instances, proxy, fronts }: Pick<Host, 'instances' | 'fronts'> & { proxy: Proxy }) {
  const found = await instances.observe({ platform, service: 'api', project: platform });
  const running = found.filter(({ state }) => state === 'running');
  const addressesOf = ({ name, ports }: (typeof found)[number]) => [`${name}:8080`, `127.0.0.1:${ports['8080']}`];
  const pair = await proxy.sets?.observe('pair');
  const own = fronts.proxy('edge');
  const fronted = await own.sets!.observe('api').then(
    (set) => own.observe(set.live),
    () => [],
  );
  const all = [
    ...(await Promise.all(['api', 'steady', ...(pair ? [pair.live] : [])].map(proxy.observe))).flat(),
    ...fronted,
  ];
  const ready = all.filter(({ state }) => state === 'ready').map(({ address }) => address);
  const up = running.flatMap(addressesOf);
  return {
    serving: running.filter((one) => addressesOf(one).some((address) => ready.includes(address))).length,
    lost: ready.filter((address) => !up.includes(address)),
  };
}

/** Every running instance is ready; the version tells the rest. */
const probing =
  ({ instances, drills, versionOf, data }: Pick<Host, 'instances' | 'drills' | 'versionOf' | 'data'>): Probe =>
  async (target) => {
    const { name } = target.instance;
    if (drills.names().includes(name)) return { healthy: true };
    const version = await versionOf(name);
    if (version?.startsWith('slow')) instances.ignoreSignals(name);
    if (existsSync(join(data, 'bad'))) return { healthy: false, why: 'bad data' };
    if (target.check.http !== '/smoke' || !version?.endsWith('bad')) return await instances.probe(target);
    if (version === 'latebad')
      await waitFor({ what: 'the end of a former instance', until: () => isOneGone(instances) });
    return { healthy: false, why: 'answered 500' };
  };

/** True if two instances run, and two others are to take their places. */
const isOneGone = ({ names }: Instances): boolean => names().length < 4;
