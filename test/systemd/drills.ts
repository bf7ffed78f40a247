import type { Site } from './site';

/** A server that is ready until its stop signal. `/slow` takes a while; what the signal does is up to its second argument. */
const program = `#!/usr/bin/node
const { createServer } = require('node:http');
const { spawn } = require('node:child_process');
const [port, how] = process.argv.slice(2);
let stops = false;
const server = createServer((request, answer) => {
  const finish = () => answer.writeHead(stops ? 503 : 200, stops ? { connection: 'close' } : {}).end();
  if (request.url === '/slow') setTimeout(() => answer.end('done'), 300);
  else finish();
});
const stop = () => {
  if (stops) return;
  stops = true;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
};
if (how === 'ignores') for (const one of ['SIGTERM', 'SIGINT']) process.on(one, () => undefined);
if (how === 'well' || how === 'forks') for (const one of ['SIGTERM', 'SIGINT']) process.on(one, stop);
if (how === 'forks') spawn('sleep', ['1h'], { stdio: 'ignore' });
server.listen(Number(port), '127.0.0.1');
`;

const more: Record<string, string> = {
  well: 'RuntimeDirectory=drilled-%i\nStateDirectory=drilled-%i/state',
  forks: 'KillMode=process',
};
export const ways = ['well', 'silent', 'ignores', 'forks'] as const;
const portOf = (way: (typeof ways)[number]) => 9300 + ways.indexOf(way);

/** Services that stop well or badly, each a template with one port. */
export const drilledServices = () =>
  Object.fromEntries(
    ways.map((way) => [
      way,
      {
        runtime: 'systemd',
        template: `drilled-${way}@.service`,
        ports: [portOf(way)],
        ...(way === 'well' && { artifact: { file: 'drilled', install: '/opt/drilled/run-%i' } }),
        health: { ready: { http: '/ready', port: portOf(way), every: '100ms', healthy: 1, within: '10s' } },
        drill: { path: '/slow', settle: '10ms', wait: '3s', ...(way === 'well' && { when: 'before' }) },
      },
    ]),
  );

export async function installDrilled(site: Site): Promise<void> {
  await site.build('drilled', program);
  await site.shell('mkdir -p /opt/drilled');
  for (const way of ways) {
    const path = way === 'well' ? '/opt/drilled/run-%i' : '/srv/project/drilled';
    const lines = ['[Service]', `ExecStart=${path} %i ${way}`, 'Restart=always', 'TimeoutStopSec=2s', more[way] ?? ''];
    const install = ['[Install]', 'WantedBy=multi-user.target', ''];
    await site.install(`drilled-${way}@.service`, [...lines, ...install].join('\n'));
  }
}

/** All that a drill of a unit may leave on the host: units, files, folders, processes. */
export const drillTraces = ({ shell }: Site): Promise<string> =>
  shell(
    [
      "systemctl list-units --all --plain --no-legend 'drilled*'",
      'ls -A /run/systemd/system /run /var/lib /var/lib/private /opt',
      'find /opt/drilled /var/lib/belay/drill-units /var/lib/belay/artifacts ! -type d 2>/dev/null || true',
      "find /sys/fs/cgroup -name 'drilled*'",
      'ps -eo args | grep -E "^sleep|drilled" | grep -v grep || true',
    ].join('; '),
  );
