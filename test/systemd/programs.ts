/**
 * A program that answers its version and its greeting, and tells systemd when it listens; a sick one never answers 200.
 * Its arguments are ports: it answers at the first, and holds the others.
 */
export const program = (version: string, state: 'well' | 'sick' = 'well'): string => `#!/usr/bin/node
const { spawnSync } = require('node:child_process');
const server = require('node:http').createServer((request, answer) => {
  answer.statusCode = ${state === 'well' ? 200 : 503};
  answer.end(request.url === '/version' ? \`${version} \${process.env.GREETING}\` : '');
});
process.on('SIGTERM', () => server.close(() => process.exit(0)));
for (const more of process.argv.slice(3)) require('node:net').createServer().listen(Number(more), '127.0.0.1');
server.listen(Number(process.argv[2]), '127.0.0.1', () => spawnSync('systemd-notify', ['--ready']));
console.log('version ${version}');
`;

/** Prints the answer of an address in its arguments, or why there is none. */
export const ask =
  'fetch(process.argv[1]).then((answer) => answer.text()).then(console.log, (error) => console.log(String(error.cause)))';

/** A check on the host that asks the instance at its address, and notes whom it was told of. */
export const asksItsAddress = `#!/usr/bin/node
const { BELAY_INSTANCE, BELAY_ADDRESS } = process.env;
require('node:fs').appendFileSync('told', BELAY_INSTANCE + ' ' + BELAY_ADDRESS + '\\n');
fetch('http://' + BELAY_ADDRESS + '/version').then(({ ok, status }) => {
  if (!ok) console.error('it answers ' + status);
  process.exit(ok ? 0 : 3);
}, () => process.exit(4));
`;

/** A unit that runs a command. */
export const unit = (command: string, more = ''): string => `[Unit]
Description=A program of the shop

[Service]
Type=notify
NotifyAccess=all
ExecStart=${command}
Restart=always
RestartSec=100ms
KillMode=mixed
TimeoutStopSec=5s
${more}
[Install]
WantedBy=multi-user.target
`;

interface Backend {
  name: string;
  /** Ports of its servers, which Belay fills. */
  ports: number[];
  /** Milliseconds between two checks of a server. */
  inter: number;
}

/** A HAProxy of the user's own. */
export const haproxyFor = ({ name, ports, inter }: Backend): string => `global
  stats socket /run/haproxy/admin.sock mode 600 level admin
  server-state-file /var/lib/haproxy/server-state
defaults
  load-server-state-from-file global
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend web
  bind 127.0.0.1:8080
  default_backend ${name}
backend ${name}
  option httpchk GET /version
  default-server check inter ${inter}ms init-addr last,127.0.0.1
${ports.map((port, index) => `  server s${index + 1} 127.0.0.1:${port} disabled\n`).join('')}`;

export const haproxy = haproxyFor({ name: 'api', ports: [9001, 9002, 9003], inter: 200 });
