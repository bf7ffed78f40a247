import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ipAddressing } from '../../src/proxies/haproxy/addressing';
import { serversOf } from '../../src/proxies/haproxy/look';

let folder: string;
let servers: Server[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-look-'));
  servers = [];
});
afterEach(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

async function answering(name: string, answer: (command: string) => string | Promise<string>): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('data', async (data) => client.end(await answer(data.toString().trim())));
  }).listen(join(folder, name));
  servers.push(server);
  await once(server, 'listening');
  return join(folder, name);
}

const fields =
  'be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port';
const state = `1\n# ${fields}\n1 api 1 s1 127.0.0.1 2 8 1 1 9 6 3 4 7 0 0 0 app.invalid 20001 - 0 0 - - 0\n`;
const stat = (sessions: number) => `# pxname,svname,type,qcur,scur,addr\napi,s1,2,0,${sessions},127.0.0.1:20001\n`;
const missing = ["Can't find backend.\n", 'No such proxy.\n'];
const workers = (...old: string[]) =>
  ['#<PID> <type> <reloads> <uptime> <version>', '1 master 1 1s 3', '# workers', '3 worker 0 1s 3', '# old workers']
    .concat(old, '# programs')
    .join('\n');

test('what a worker holds is in flight also where a reload replaces it while it is asked', async () => {
  let replaced = false;
  const socket = await answering('api.sock', async () => {
    // A caller that does not wait for the answer has asked the master by then.
    await sleep(100);
    replaced = true;
    return [state, stat(0), ...missing].map((reply) => `${reply}\n`).join('');
  });
  const master = await answering('master.sock', (command) => {
    if (command === 'show proc') return workers(...(replaced ? ['2 worker 1 8s 3'] : []));
    return command === '@!2 show stat api 4 -1' ? stat(1) : 'No such proxy.\n';
  });
  const locate = async () => ({ socket, master, config: '' });
  const [server] = await serversOf({ locate, addressing: ipAddressing }, 'api');
  expect(server).toMatchObject({ server: 's1', state: 'drain', inFlight: 1 });
});
