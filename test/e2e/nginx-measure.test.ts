import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Nginx, startNginx } from '../../testbed/nginx';
import { quickly, releaseTo, type Stage, setStage, versionsAt } from './stage';

const version = process.env.NGX as 'debian' | 'current';
const keepAlive = process.env.KEEP;
const kinds = (process.env.KINDS ?? 'keep,idle,new,post,slow').split(',');
const rolls = Number(process.env.ROLLS ?? 2);
const name = 'e2engxm';
let nginx: Nginx;
let stage: Stage;
let dir: string;
const out = (text: string) => appendFileSync('/tmp/ngx/measured', `${version} ${keepAlive ?? ''} ${text}\n`);
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'belay-m-'));
  nginx = await startNginx({ dir, version, keepAlive });
  stage = await setStage({
    versions: [{ tag: '1' }, { tag: '2' }],
    platform: { name, instances: 3, firstPort: 24_200, spec: { proxies: { edge: nginx.spec } } },
  });
}, 360_000);
afterAll(async () => {
  await stage?.stop();
  await nginx?.stop();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);
const loads: Record<string, object> = {
  keep: { ratePerSecond: 600, clients: 12 },
  idle: { ratePerSecond: 60, clients: 40 },
  new: { keepAlive: false, ratePerSecond: 250 },
  post: { method: 'POST', bodyBytes: 20_000, ratePerSecond: 150 },
  slow: { path: '/slow?ms=3000', clients: 20 },
};
test('measure', async () => {
  const service = {
    ...quickly,
    strategy: { kind: 'rolling', surge: 1 },
    stop: { signal: 'SIGKILL', grace: '2s' },
    drain: { deadline: '30s' },
  };
  for (const kind of kinds) {
    if (!loads[kind]) continue;
    const load = await (async () => {
      await versionsAt(stage, { count: 3 });
      stage.platform.write({ service });
      return stage.load({ url: nginx.url('api'), ...loads[kind] });
    })();
    const times: number[] = [];
    for (let i = 0; i < rolls; i++) {
      const { to } = await versionsAt(stage, { count: 3 });
      stage.platform.write({ service });
      const since = Date.now();
      await releaseTo(stage, { versions: { api: to } });
      times.push(Date.now() - since);
    }
    const { failed, requests, failures, max } = await load.stop();
    out(
      `${kind} rolls=${rolls} failed=${failed} of ${requests} max=${max.toFixed(0)} times=${times.map((t) => (t / 1000).toFixed(1))} ${failures.slice(0, 2).join(' | ')}`,
    );
  }
  if (kinds.includes('stream')) {
    const { to } = await versionsAt(stage, { count: 3 });
    stage.platform.write({ service: { ...service, stop: { grace: '5s' }, drain: { deadline: '13s' } } });
    const ends: string[] = [];
    for (let i = 0; i < 3; i++)
      get(`${nginx.url('api')}/stream?ms=100`, { agent: false }, (response) => {
        response.resume();
        response.on('end', () => ends.push('end')).on('error', (e) => ends.push(e.message));
      });
    const handle = await stage.release({ versions: { api: to } });
    await handle.result();
    const { steps } = await handle.status();
    out(
      `stream ends=${ends} ${Object.entries(steps)
        .filter(([id]) => /drain/.test(id))
        .map(([, one]) => one.note)
        .join(' | ')}`,
    );
  }
  if (kinds.includes('kill')) {
    for (const how of ['kill', 'stop'] as const) {
      const load = await stage.load({ url: nginx.url('api'), ratePerSecond: 200 });
      for (let i = 0; i < 5; i++) {
        await nginx[how]();
        await nginx.start();
        await new Promise((r) => setTimeout(r, 300));
      }
      const { failed, requests } = await load.stop();
      out(`${how} x5 failed=${failed} of ${requests}`);
    }
  }
}, 580_000);
