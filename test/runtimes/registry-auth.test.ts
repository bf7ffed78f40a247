import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsFor } from '../../src/runtimes/docker/auth';

describe('the registry’s credentials', () => {
  const { DOCKER_CONFIG, PATH } = process.env;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'belay-auth-'));
    process.env.DOCKER_CONFIG = folder;
    process.env.PATH = `${folder}:${PATH}`;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    process.env.PATH = PATH;
    if (DOCKER_CONFIG === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = DOCKER_CONFIG;
  });

  const registryAuth = async (registry: string | undefined) => (await credentialsFor(registry)).auth;
  const config = (value: unknown) => writeFileSync(join(folder, 'config.json'), JSON.stringify(value));
  const helper = (script: string) => {
    writeFileSync(join(folder, 'docker-credential-test'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'docker-credential-test'), 0o755);
  };
  const auth = Buffer.from('ana:pass:word').toString('base64');

  test('are none where nobody logged in', async () => {
    expect(await registryAuth('registry.example.com')).toBeUndefined();
    config({ auths: { 'other.example.com': { auth } } });
    expect(await registryAuth('registry.example.com')).toBeUndefined();
  });

  test('are what docker login stored, however the registry is written', async () => {
    const expected = { username: 'ana', password: 'pass:word', serveraddress: 'registry.example.com:5000' };
    for (const key of ['registry.example.com:5000', 'https://registry.example.com:5000/v2/']) {
      config({ auths: { [key]: { auth } } });
      expect(await registryAuth('registry.example.com:5000')).toEqual(expected);
    }
  });

  test('are Docker Hub’s where the reference names no registry', async () => {
    config({ auths: { 'https://index.docker.io/v1/': { auth } } });
    for (const registry of [undefined, 'docker.io'])
      expect(await registryAuth(registry)).toMatchObject({ username: 'ana' });
  });

  test('are a token where one was stored', async () => {
    config({ auths: { 'r.example.com': { identitytoken: 'abc' } } });
    expect(await registryAuth('r.example.com')).toEqual({ identitytoken: 'abc', serveraddress: 'r.example.com' });
  });

  test('come from the credential helper, asked for the registry', async () => {
    helper(
      'read server; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"$1\\",\\"Secret\\":\\"for $server\\"}"',
    );
    config({ credHelpers: { 'r.example.com': 'test' } });
    expect(await registryAuth('r.example.com')).toEqual({
      username: 'get',
      password: 'for r.example.com',
      serveraddress: 'r.example.com',
    });
    expect(await registryAuth('other.example.com')).toBeUndefined();
    config({ credsStore: 'test' });
    expect(await registryAuth('other.example.com')).toMatchObject({ password: 'for other.example.com' });
  });

  test('are a token where the helper says so, and none where it has none', async () => {
    config({ credsStore: 'test' });
    helper('echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"abc\\"}"');
    expect(await registryAuth('r.example.com')).toMatchObject({ identitytoken: 'abc' });
    helper('echo credentials not found in native keychain; exit 1');
    expect(await registryAuth('r.example.com')).toBeUndefined();
  });

  test('say as whom a registry is asked, and by what that is known', async () => {
    const path = join(folder, 'config.json');
    const words = async () => (await credentialsFor('r.example.com:5000')).words;
    expect(await words()).toBe(`without credentials: ${path} is not there`);
    writeFileSync(path, '{');
    expect(await words()).toBe(`without credentials: ${path} is not JSON`);
    config({ auths: { 'other.example.com': { auth } } });
    expect(await words()).toBe(`without credentials: ${path} has no entry for r.example.com:5000`);
    config({ auths: { 'r.example.com:5000': { auth } } });
    expect(await words()).toBe(`as ana, from ${path}`);
    config({ credsStore: 'test' });
    helper('echo "{\\"Username\\":\\"ben\\",\\"Secret\\":\\"secret\\"}"');
    expect(await words()).toBe('as ben, from docker-credential-test');
  });

  test('are none where the helper is missing or fails, and the words say so', async () => {
    const path = join(folder, 'config.json');
    config({ credsStore: 'nowhere' });
    expect(await credentialsFor('r.example.com')).toEqual({
      words: `without credentials: docker-credential-nowhere, which ${path} names, is not on the PATH`,
    });
    config({ credsStore: 'test' });
    helper('echo locked >&2; exit 1');
    expect(await credentialsFor('r.example.com')).toEqual({
      words: `without credentials: docker-credential-test, which ${path} names, failed (locked)`,
    });
    helper('echo no JSON at all');
    expect((await credentialsFor('r.example.com')).words).toMatch(/failed \(no JSON\)$/);
  });
});
