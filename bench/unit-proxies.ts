import { haproxyConfig } from '../testbed/haproxy-config';
import type { Machine } from '../testbed/systemd/machine';

/** Ports of the proxies, and of the services behind them. */
export const ports = {
  script: { alone: 8000, held: 8080, nginx: 8081, haproxy: 8082, instances: [8010, 8011] },
  belay: {
    alone: 8100,
    held: 8180,
    nginx: 8181,
    haproxy: 8182,
    behindHeld: 8101,
    instances: [8110, 8111, 8112],
    behindNginx: [8120, 8121, 8122],
  },
} as const;

const servers = (of: readonly number[]) => of.map((port, index) => `server unit${index} 127.0.0.1:${port}`);
const behind = { path: '/health', address: '0.0.0.0' };

/** Everybody has the same lines; only the servers of the script are written in them. */
const haproxy = haproxyConfig({
  backends: [
    { ...behind, name: 'script-held', port: ports.script.held, slots: 1, waits: true, staticServers: servers([8000]) },
    { ...behind, name: 'belay-held', port: ports.belay.held, slots: 1, waits: true },
    {
      ...behind,
      name: 'script-rolling',
      port: ports.script.haproxy,
      slots: 1,
      staticServers: servers(ports.script.instances),
    },
    { ...behind, name: 'belay-rolling', port: ports.belay.haproxy, slots: 3 },
  ],
  socketPath: '/run/haproxy/admin.sock',
  tcpAddress: '127.0.0.1:8899',
  statePath: '/var/lib/haproxy/server-state',
  mapPath: '/var/lib/haproxy/sets.map',
  // An instance that says that it stops is asked no more, as nginx is told below.
  options: { backend: ['retry-on conn-failure empty-response response-timeout 502 503 504'] },
});

const lists = '/etc/nginx/belay';

/** A server with the lines that administrators write for a rolling restart, and one with those of docs/nginx.md. */
const nginx = `user www-data;
worker_processes 2;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  proxy_set_header Host $host;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_next_upstream error timeout http_502 http_503 http_504;
  upstream script {
${ports.script.instances.map((port) => `    server 127.0.0.1:${port} max_fails=3 fail_timeout=30s;`).join('\n')}
  }
  server {
    listen ${ports.script.nginx};
    location / { proxy_pass http://script; }
  }
  upstream belay { include ${lists}/belay.servers; }
  server {
    listen ${ports.belay.nginx};
    keepalive_timeout 0;
    client_header_timeout 5s;
    proxy_connect_timeout 1s;
    location / { proxy_pass http://belay; }
  }
}
`;

/** The proxies as belay.yaml names them. */
export const proxies = {
  haproxy: { kind: 'haproxy', socket: '/run/haproxy/admin.sock', config: '/etc/haproxy/haproxy.cfg' },
  nginx: { kind: 'nginx', config: lists },
};

export async function startProxies(machine: Machine): Promise<void> {
  await machine.write('/etc/haproxy/haproxy.cfg', haproxy);
  await machine.write(`${lists}/belay.servers`, 'server 127.0.0.1:1 down;\n');
  await machine.write('/etc/nginx/nginx.conf', nginx);
  await machine.exec('systemctl', ['start', 'haproxy.service', 'nginx.service']);
}
