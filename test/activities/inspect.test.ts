import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from '../../activities/inspect';
import { createMasker } from '../../src/hosts/secrets';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { desired, useHome } from '../hosts/support';

const home = useHome();

describe('a look at a host from elsewhere', () => {
  const ask = (input: object, more = {}) =>
    inspect(fakeDeps({ home: home.path(), runtime: fakeRuntime(), ...more }))(input);

  it('gives what the command line of the host says of the ledger', async () => {
    const request = { what: 'history', platform: 'shop', env: 'staging', service: '-api', json: true };
    const text = 'belay history --json --env staging --platform shop -- -api';
    await expect(ask(request)).resolves.toEqual({ text, code: 0 });
  });

  it('gives as many lines of logs as are asked for', async () => {
    const { text } = await ask({ what: 'logs', platform: 'shop', service: 'api', lines: 5 });
    expect(text).toBe('belay logs --platform shop --lines 5 -- api');
    await expect(ask({ what: 'logs', platform: 'shop', lines: 0 })).rejects.toThrow('lines');
  });

  it('gives what doctor says in the folder of the platform', async () => {
    const folder = join(home.path(), 'shop');
    mkdirSync(folder);
    writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\n');
    const { text } = await ask({ what: 'doctor', platform: 'shop' }, { specs: [home.path()] });
    expect(text).toBe(`belay doctor --file ${folder}`);
  });

  it('gives what the command line says of backups, by the files of the platform', async () => {
    const folder = join(home.path(), 'crm');
    mkdirSync(folder);
    writeFileSync(join(folder, 'belay.yaml'), 'platform: crm\n');
    const { text } = await ask({ what: 'backups', platform: 'crm', service: 'db' }, { specs: [home.path()] });
    expect(text).toBe(`belay backup --list --file ${folder} -- db`);
  });

  it('masks what is secret', async () => {
    const masker = createMasker();
    masker.add({ PASSWORD: 'open sesame' }, '');
    const commandLine = async () => ({ text: 'it is open sesame', code: 2 });
    const { text, code } = await ask({ what: 'history', platform: 'shop' }, { masker, commandLine });
    expect(text).not.toContain('open sesame');
    expect(code).toBe(2);
  });

  it('masks what services were started with, also after a start of the worker', async () => {
    const deps = fakeDeps({ home: home.path(), runtime: fakeRuntime() });
    await deps.ledger.of({ platform: 'shop', service: 'api' }).adopt({
      task: { kind: 'run' },
      desired: desired({ service: 'api' }),
      site: { proxies: {}, ports: { first: 20_000, last: 20_010 } },
      snapshots: { 'shop-api-1': { Image: 'shop/api:1', Env: ['DB_PASSWORD=hunter22'] } },
      by: '',
      reason: '',
      release: 'release/shop/1',
    });
    const commandLine = async () => ({ text: 'shop-api-1 | hunter22', code: 0 });
    const { text } = await ask({ what: 'logs', platform: 'shop' }, { commandLine });
    expect(text).toBe('shop-api-1 | ***');
  });

  it('takes no other verb', async () => {
    await expect(ask({ what: 'drop', platform: 'shop' })).rejects.toThrow('the input of the inspection is wrong: what');
  });
});
