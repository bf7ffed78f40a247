import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oldWorkerStats } from '../../src/proxies/haproxy/workers';

const proc = (...old: string[]) =>
  `#<PID>          <type>          <reloads>       <uptime>        <version>
1               master          1               0d00h00m09s     2.6.12
# workers
3               worker          0               0d00h00m01s     2.6.12
# old workers
${old.map((line) => `${line}\n`).join('')}# programs

`;
const ending = '2               worker          1               0d00h00m08s     2.6.12';

test('a worker that the master lists and cannot reach any more is looked for again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-master-'));
  const asked: string[] = [];
  const master = createServer((client) => {
    client.on('data', (data) => {
      const command = data.toString().trim();
      asked.push(command);
      const looks = asked.filter((one) => one === 'show proc').length;
      client.end(
        command === 'show proc' ? proc(...(looks === 1 ? [ending] : [])) : "Can't connect to the target CLI!\n",
      );
    });
  }).listen(join(folder, 'master.sock'));
  await once(master, 'listening');
  try {
    expect(await oldWorkerStats(join(folder, 'master.sock'), ['api'])).toEqual([]);
    expect(asked).toEqual(['show proc', '@!2 show stat api 4 -1', 'show proc']);
  } finally {
    master.close();
    rmSync(folder, { recursive: true });
  }
});
