import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { dockerRuntime } from '../../src/runtimes/docker';
import { serviceAttributes } from '../../src/runtimes/docker/compose/attributes';
import { readCompose } from '../../src/runtimes/docker/compose/compose-config';
import { createOptions } from '../../src/runtimes/docker/compose/create-options';
import { resourcesOf } from '../../src/runtimes/docker/compose/networks';
import type { ComposeProject } from '../../src/runtimes/docker/compose/project';
import { resourceAttributes } from '../../src/runtimes/docker/compose/resource-attributes';
import { setAttributes } from '../../src/runtimes/docker/compose/walk';
import { docker as command } from '../../testbed/docker';
import { openEngine, type TestEngine } from '../runtimes/engine';
import { essence } from './essence';
import { beside, beyond, everything } from './everything';
import { writeProject } from './folder';

const carriedRows = Object.entries(serviceAttributes)
  .filter(([, { fate }]) => fate === 'carried')
  .map(([row, { as }]) => [row, as] as const);
const tried = carriedRows.filter(([row]) => !(row in beyond));

describe('instances and containers of docker compose', () => {
  let engine: TestEngine;
  let project: ComposeProject;
  const runtime = dockerRuntime();
  const ours: Record<string, object> = {};
  const theirs: Record<string, object> = {};
  let theirFiles: Awaited<ReturnType<typeof filesOf>>;
  let theirResources: Awaited<ReturnType<typeof resources>>;
  let ownResources: typeof theirResources;
  const compose = (...args: string[]) => command(['compose', '-f', join(engine.folder, 'compose.yaml'), ...args]);
  const nameOf = (service: string) => `${engine.prefix}-own-${service}-r1-1`;

  beforeAll(async () => {
    engine = await openEngine('inspect');
    const { prefix: name, folder, image } = engine;
    const external = `${name}-external`;
    writeProject(folder, {
      ...beside,
      'compose.yaml': everything({ name, image, external }).replace('FOLDER', join(folder, 'folder')),
    });
    await engine.docker.createContainer({ name: external, Image: image, Cmd: ['node'] });
    project = await readCompose({ folder, file: 'compose.yaml' });
    const names = Object.keys(project.services);
    await compose('create');
    theirFiles = await filesOf(`${name}-secretive-1`);
    theirResources = await resources();
    for (const service of names) theirs[service] = essence(await inspect(`${name}-${service}-1`));
    await compose('down', '--volumes');
    await runtime.ensure(resourcesOf(project, names));
    ownResources = await resources();
    for (const service of names) {
      await runtime.create({ name: nameOf(service), template: await optionsFor(service) });
      ours[service] = essence(await inspect(nameOf(service)));
    }
  }, 360_000);
  afterAll(async () => {
    await compose('down', '--volumes', '--timeout', '0').finally(() => engine.close());
  });

  const inspect = (name: string) => engine.docker.getContainer(name).inspect();
  const optionsFor = async (service: string) => {
    const { Id } = await engine.docker.getImage(engine.image).inspect();
    const { stop_grace_period, stop_signal: signal } = project.services[service]!;
    const options = createOptions({
      project,
      identity: { platform: engine.prefix, service, revision: 1, instance: 1, fingerprint: 'f', release: 'r' },
      image: engine.image,
      imageId: Id,
      ports: {},
      stop: { signal, grace: 7_000 },
      routed: false,
    });
    // Without a grace of its own a container of Compose has none; Belay always has one.
    if (stop_grace_period === undefined) delete options.StopTimeout;
    return options;
  };

  test('are tried with every attribute that is carried over', () => {
    const set = Object.values(project.services).flatMap((service) => setAttributes(service, serviceAttributes));
    const rows = new Set(set.map(({ row }) => row));
    expect(tried.map(([row]) => row).filter((row) => !rows.has(row) && !(row in readByCompose))).toEqual([]);
  });

  test.each(tried)('are alike in %s', (row, as) => {
    const using = Object.entries(project.services)
      .filter(([, service]) => setAttributes(service, serviceAttributes).some((one) => one.row === row))
      .map(([name]) => name);
    for (const name of using) expect(ours[name]).toEqual(theirs[name]);
    const services = [...using, ...(readByCompose[row] ?? [])];
    const seen = services.some((name) => as.some((path) => differs(theirs[name]!, theirs.plain!, path)));
    expect(seen).toBe(!(row in unseen));
  });

  test('have the same files from secrets and configs that are no files', async () => {
    const own = await filesOf(nameOf('secretive'));
    expect(own).toEqual(theirFiles);
    expect(own['/etc/word']).toMatchObject({ mode: 0o400, text: 'pa$$word-of-the-file' });
    expect(own['/etc/written']).toMatchObject({ text: 'written by pa$$word-of-the-file' });
  });

  test.each(Object.keys(resourceAttributes.networks))('are on networks that are alike in %s', async (row) => {
    const read = { external: true, name: true, enable_ipv4: true, 'ipam.options': true };
    const set = setAttributes(project.networks.back!, resourceAttributes.networks).map((one) => one.row);
    if (!(row in read)) expect(set).toContain(row);
    expect(ownResources.networks).toEqual(theirResources.networks);
  });

  test.each(Object.keys(resourceAttributes.volumes))('have volumes that are alike in %s', (row) => {
    const set = Object.values(project.volumes).flatMap((one) => setAttributes(one, resourceAttributes.volumes));
    if (row !== 'external') expect(set.map((one) => one.row)).toContain(row);
    expect(ownResources.volumes).toEqual(theirResources.volumes);
  });

  async function resources() {
    const { docker, prefix } = engine;
    const networks = ['back', 'default'].map((key) => docker.getNetwork(`${prefix}_${key}`).inspect());
    const volumes = ['data', 'folder'].map((key) => docker.getVolume(`${prefix}_${key}`).inspect());
    const lasting = (found: object) => omit(found, ['Id', 'Created', 'CreatedAt', 'Containers']);
    return {
      // The engine takes a free subnet if the file names none.
      networks: (await Promise.all(networks)).map((found, index) => omit(lasting(found), index === 0 ? [] : ['IPAM'])),
      volumes: (await Promise.all(volumes)).map(lasting),
    };
  }

  async function filesOf(container: string) {
    const paths = ['/etc/word', '/run/secrets/open', '/etc/written', '/spoken'];
    const entries = await Promise.all(paths.map((path) => entryAt(container, path)));
    return Object.fromEntries(entries.map((entry, index) => [paths[index]!, entry]));
  }

  /** The header of the first entry of a tape archive, and its content. */
  async function entryAt(container: string, path: string) {
    const stream = await engine.docker.getContainer(container).getArchive({ path });
    const tar = Buffer.from(await text(stream as unknown as NodeJS.ReadableStream as never));
    const octal = (at: number, length: number) => Number.parseInt(tar.toString('latin1', at, at + length), 8);
    const size = octal(124, 11);
    return {
      mode: octal(100, 7) & 0o7777,
      uid: octal(108, 7),
      gid: octal(116, 7),
      text: tar.toString('utf8', 512, 512 + size),
    };
  }
});

/** Compose has put these in their place, and does not print them: services that have them. */
const readByCompose: Record<string, string[]> = { env_file: ['process'], label_file: ['process'] };

/** Attributes that a container does not show, or not on this machine. Only the comparison covers them. */
const unseen: Record<string, string> = {
  'blkio_config.weight': 'the kernel has no weights, and the engine leaves it out',
  ...Object.fromEntries(
    ['configs', 'secrets'].flatMap((kind) =>
      ['uid', 'gid', 'mode'].map((one) => [`${kind}.${one}`, 'it stands at the file, which is compared for itself']),
    ),
  ),
  cpu_percent: 'Windows alone has it, and the engine leaves it out',
  image: 'every service has the same one',
  platform: 'an inspection does not show it',
  runtime: 'this engine has one',
};

const omit = (object: object, keys: string[]) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

function differs(one: object, other: object, path: string): boolean {
  const at = (value: object) =>
    path.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown>)?.[key], value);
  return JSON.stringify(at(one)) !== JSON.stringify(at(other));
}
