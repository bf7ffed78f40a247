import { Agent, get } from 'node:http';
import { untilSeen } from '../contracts/proxy-contract';
import { haproxyBed } from './haproxy-bed';
const first = { backend: 'api', server: 's1' };
test.each([['none', [], ['no option idle-close-on-response']], ['spread', ['close-spread-time 8s'], ['no option idle-close-on-response']], ['idle', [], []], ['both', ['close-spread-time 8s'], []]] as const)('%s', async (name, global, defaults) => {
  const bed = await haproxyBed({ options: { global: [...global], defaults: [...defaults] } });
  await bed.proxy.stage(first, await bed.goodAddress()); await untilSeen(bed.proxy, first, { check: 'passing' }); await bed.proxy.admit(first);
  let on = true, ok = 0; const bad: string[] = [];
  const client = async () => { const agent = new Agent({ keepAlive: true, maxSockets: 1 }); while (on) { await new Promise<void>((done) => { const q = get(bed.haproxy.url('api'), { agent }, (r) => { if (r.statusCode === 200) ok++; else bad.push(String(r.statusCode)); r.resume().on('end', done); }); q.on('error', (e) => { bad.push(e.message); done(); }); }); if (Math.random() < .3) await new Promise((x) => setTimeout(x, Math.random() * 20)); } agent.destroy(); };
  const clients = Array.from({ length: 30 }, client);
  let hit = 0;
  for (let i = 0; i < 15; i++) { const b = bad.length; await bed.haproxy.reload(); await new Promise((x) => setTimeout(x, 500)); if (bad.length > b) hit++; }
  on = false; await Promise.all(clients);
  console.log(name, 'ok', ok, 'bad', bad.length, 'reloads with loss', hit, [...new Set(bad)].join('|'));
  await bed.cleanup();
}, 200000);
