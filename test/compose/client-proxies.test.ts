import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLocal } from '../../src/runtimes/docker/compose/given';

const before = process.env;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-client-'));
  process.env = { PATH: before.PATH, HOME: folder, DOCKER_CONFIG: folder };
});
afterEach(() => {
  process.env = before;
  rmSync(folder, { recursive: true });
});

/** Docker's client configuration, with a context of that name. */
function configure({ context, host, config }: { context: string; host: string; config: unknown }): void {
  const meta = join(folder, 'contexts', 'meta', createHash('sha256').update(context).digest('hex'));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Endpoints: { docker: { Host: host } } }));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

const proxies = async () => (await readLocal({ file: 'compose.yaml', folder, services: {} })).proxies;
const host = 'unix:///run/user/1000/docker.sock';
const config = { proxies: { default: { httpProxy: 'http://usual' }, [host]: { httpProxy: 'http://rootless' } } };

test.each([
  [{ ...config, currentContext: 'rootless' }, {}, 'http://rootless'],
  [config, { DOCKER_CONTEXT: 'rootless' }, 'http://rootless'],
  [{ ...config, currentContext: 'rootless' }, { DOCKER_CONTEXT: 'default' }, 'http://usual'],
])("are those of the docker context's engine: %j, %j", async (written, env, expected) => {
  configure({ context: 'rootless', host, config: written });
  Object.assign(process.env, env);
  expect(await proxies()).toEqual({ HTTP_PROXY: expected, http_proxy: expected });
});

test('are none where the configuration says nothing', async () => {
  configure({ context: 'rootless', host, config: null });
  expect(await proxies()).toEqual({});
});
