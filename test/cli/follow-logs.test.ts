import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLedger } from '../../src/hosts/ledger';
import { fromSetup } from '../../testbed/root';
import { waitFor } from '../../testbed/wait';
import { desired, useHome } from '../hosts/support';
import { interrupted } from './pty';

const home = useHome();
let engine: Server;
afterEach(async () => {
  engine.closeAllConnections();
  await new Promise((closed) => engine.close(closed));
});

test('the built command stays while nothing runs, until Ctrl-C in its terminal, and says nothing of its own', async () => {
  const own = createLedger({ home: home.path() }).of({ platform: 'shop', service: 'api' });
  const site = { proxies: {}, ports: { first: 20_000, last: 20_999 } };
  const wanted = desired({ routes: [] });
  await own.writePending({ task: { kind: 'run' }, number: 1, desired: wanted, site, by: '', reason: '', release: 'r' });
  await own.setState(1, 'recorded');
  await own.setHead(1);
  let looks = 0;
  engine = createServer((request, response) => {
    if (request.url!.includes('/containers/json')) looks += 1;
    response.end('[]');
  }).listen(0, '127.0.0.1');
  await once(engine, 'listening');
  const { port } = engine.address() as AddressInfo;
  const { out, code } = await interrupted({
    argv: [process.execPath, fromSetup('dist', 'src', 'cli', 'main.js'), 'logs', '--follow', '-p', 'shop'],
    until: waitFor({ what: 'three looks', until: () => looks >= 3 }),
    env: { ...process.env, BELAY_HOME: home.path(), DOCKER_HOST: `tcp://127.0.0.1:${port}` },
    cwd: home.path(),
  });
  // A terminal shows the key itself.
  expect({ said: out.replace('^C', '').trim(), code }).toEqual({ said: '', code: 0 });
  expect(looks).toBeGreaterThanOrEqual(3);
});
