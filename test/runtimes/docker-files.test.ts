import { execFileSync } from 'node:child_process';
import { archive } from '../../src/runtimes/docker/files';

const listed = (tar: Buffer) =>
  execFileSync('tar', ['--list', '--verbose', '--numeric-owner'], { input: tar }).toString();
const content = (tar: Buffer) => execFileSync('tar', ['--extract', '--to-stdout'], { input: tar }).toString();

describe('a file of an instance', () => {
  test('is an archive with its path, text, mode and owner', async () => {
    const tar = await archive({
      path: '/run/secrets/key',
      text: 'a secret: ü',
      mode: 0o400,
      owner: { uid: 7, gid: 1008 },
    });
    expect(listed(tar)).toMatch(/^-r-------- 7\/1008\s+12 \S+ \S+ run\/secrets\/key\n$/);
    expect(content(tar)).toBe('a secret: ü');
  });

  test('is root’s where nobody is named, and may be empty', async () => {
    const tar = await archive({ path: '/empty', text: '', mode: 0o444 });
    expect(listed(tar)).toMatch(/^-r--r--r-- 0\/0\s+0 \S+ \S+ empty\n$/);
    expect(tar.length % 512).toBe(0);
  });

  test.each([101, 140, 256, 400, 1000])('may have a path of %i bytes', async (length) => {
    const tail = '/a-file';
    const folders = 'folder/'.repeat(length).slice(0, length - tail.length - 1);
    const path = `${folders}x${tail}`.replaceAll('//', '/x');
    expect(Buffer.byteLength(path)).toBe(length);
    const tar = await archive({ path: `/${path}`, text: 'x', mode: 0o444 });
    expect(listed(tar).trimEnd().split(' ').at(-1)).toBe(path);
    expect(content(tar)).toBe('x');
  });

  test('may have a name longer than a hundred bytes, in any script', async () => {
    const path = `run/${'ü'.repeat(100)}`;
    const tar = await archive({ path: `/${path}`, text: 'x', mode: 0o400, owner: { uid: 7, gid: 8 } });
    expect(listed(tar)).toMatch(/^-r-------- 7\/8 /);
    expect(execFileSync('tar', ['--list', '--quoting-style=literal'], { input: tar }).toString()).toBe(`${path}\n`);
  });
});
