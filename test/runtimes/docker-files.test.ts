import { execFileSync } from 'node:child_process';
import { archive } from '../../src/runtimes/docker/files';

const listed = (tar: Buffer) =>
  execFileSync('tar', ['--list', '--verbose', '--numeric-owner'], { input: tar }).toString();
const content = (tar: Buffer) => execFileSync('tar', ['--extract', '--to-stdout'], { input: tar }).toString();

describe('a file of an instance', () => {
  test('is an archive with its path, text, mode and owner', () => {
    const tar = archive({ path: '/run/secrets/key', text: 'a secret: ü', mode: 0o400, owner: { uid: 7, gid: 1008 } });
    expect(listed(tar)).toMatch(/^-r-------- 7\/1008\s+12 \S+ \S+ run\/secrets\/key\n$/);
    expect(content(tar)).toBe('a secret: ü');
  });

  test('is root’s where nobody is named, and may be empty', () => {
    const tar = archive({ path: '/empty', text: '', mode: 0o444 });
    expect(listed(tar)).toMatch(/^-r--r--r-- 0\/0\s+0 \S+ \S+ empty\n$/);
    expect(tar.length % 512).toBe(0);
  });

  test('may have a path longer than a hundred bytes', () => {
    const path = `${'folder/'.repeat(20)}file`;
    expect(listed(archive({ path: `/${path}`, text: 'x', mode: 0o444 }))).toContain(path);
  });
});
