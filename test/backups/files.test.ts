import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker } from '../../testbed/docker';
import { sourceContract } from '../contracts/source-contract';
import { openSite } from './site';

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
