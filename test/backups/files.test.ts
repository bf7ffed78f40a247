import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesSource } from '../../src/backups/sources/files';
import { haveUnits } from '../../src/backups/sources/unit-files';
import { volumeSource } from '../../src/backups/sources/volume';
import { dockerContainers } from '../../src/runtimes/docker/containers';
import { docker } from '../../testbed/docker';
import { sourceContract } from '../contracts/source-contract';
import { never, openSite } from './site';

const image = 'shannon/redis:7';

function fill(folder: string): void {
  mkdirSync(join(folder, 'below'), { recursive: true });
  for (let i = 0; i < 20; i++) writeFileSync(join(folder, 'below', `file ${i}`), 'content\n'.repeat(i * 1000 + 1));
  symlinkSync('below/file 1', join(folder, 'link'));
}

const read = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => (name.includes('file') ? `${name} ${readFileSync(join(folder, name)).length}` : name))
    .join('\n');

sourceContract('volume', async () => {
  const site = await openSite(
    () => ({ volume: { path: '/stuff' } }),
    (name) => docker(['create', '--name', name, '--volume', '/stuff', image]),
  );
  const folder = (await site.containers.find(site.container))!.mounts['/stuff']!;
  fill(folder);
  return {
    site,
    state: async () => read(folder),
    lose: async () => rmSync(join(folder, 'below'), { recursive: true }),
    question: { query: 'below/file 3', first: '24008' },
  };
});

test('a volume is no backup where a file became smaller: the engine leaves out what comes after it', async () => {
  const site = await openSite(
    () => ({ volume: { path: '/stuff' } }),
    (name) => docker(['create', '--name', name, '--volume', '/stuff', image]),
  );
  try {
    const folder = (await site.containers.find(site.container))!.mounts['/stuff']!;
    writeFileSync(join(folder, 'a'), '');
    truncateSync(join(folder, 'a'), 64_000_000);
    writeFileSync(join(folder, 'b'), 'content\n');
    const shrinking = async () => {
      for await (const _ of site.source.dump(never)) truncateSync(join(folder, 'a'), 0);
    };
    await expect(shrinking()).rejects.toMatchObject({
      code: 'backup-failed',
      message: `/stuff of ${site.container} cannot be read whole: a file became smaller meanwhile`,
    });
  } finally {
    await site.close();
  }
});

sourceContract('folder', async () => {
  const site = await openSite(
    (folder) => ({ folder: { path: join(folder, 'uploads') } }),
    (name) => docker(['create', '--name', name, image]),
  );
  const folder = join(site.folder, 'uploads');
  fill(folder);
  return {
    site,
    state: async () => read(folder),
    lose: async () => rmSync(join(folder, 'below'), { recursive: true }),
  };
});

sourceContract('files', async () => {
  const site = await openSite(
    (folder) => ({ files: { paths: ['etc', 'da+ta, [1]', 'shop.service'].map((name) => join(folder, 'live', name)) } }),
    (name) => docker(['create', '--name', name, image]),
  );
  const live = join(site.folder, 'live');
  const unit = join(live, 'shop.service');
  const folders = ['etc', 'da+ta, [1]'].map((name) => join(live, name));
  for (const folder of folders) fill(folder);
  writeFileSync(unit, '[Service]\n', { mode: 0o640 });
  linkSync(join(live, 'etc', 'below', 'file 2'), join(live, 'etc', 'hard file'));
  const target = () => readlinkSync(join(live, 'etc', 'link'));
  const mode = () => (existsSync(unit) ? statSync(unit).mode.toString(8) : 'no unit');
  return {
    site,
    state: async () =>
      `${folders.map(read).join()} ${mode()} ${target()} ${statSync(join(live, 'etc', 'hard file')).nlink}`,
    beside: async () => (readdirSync(live).length === 3 ? '' : readdirSync(live).join()),
    // One folder changes, one becomes empty, and the file is gone.
    async lose() {
      writeFileSync(join(live, 'etc', 'later'), '');
      rmSync(join(live, 'da+ta, [1]', 'below'), { recursive: true });
      rmSync(unit);
    },
  };
});

test('a folder on no volume is not backed up as one', async () => {
  const name = `bt-backup-layer-${process.pid}`;
  const containers = dockerContainers();
  await docker(['create', '--name', name, image]);
  try {
    const source = volumeSource({ path: '/usr' }, { containers, container: name });
    await expect(source.facts(never)).rejects.toThrow(`${name} has no volume at /usr`);
  } finally {
    await containers.discard(name);
  }
});

test('paths with units of systemd are known', () => {
  expect(haveUnits(['/srv', '/etc/systemd/system/shop.service'])).toBe(true);
  expect(haveUnits(['/etc/systemd'])).toBe(true);
  expect(haveUnits(['/etc/systemd/system-preset', '/etc/shop'])).toBe(false);
});

test('a symbolic link is no path to back up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-files-'));
  symlinkSync('/etc', join(folder, 'link'));
  await expect(filesSource({ paths: [join(folder, 'link')] }).facts(never)).rejects.toMatchObject({
    code: 'input-invalid',
    hint: expect.stringContaining('name what it leads to'),
  });
  rmSync(folder, { recursive: true });
});
