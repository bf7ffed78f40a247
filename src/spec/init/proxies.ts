import type { UserNginx } from './nginx';
import { scalar } from './text';

/** A HAProxy that the user runs. */
export interface UserHaproxy {
  kind: 'haproxy';
  config: string;
  socket: string;
  backends: string[];
}

/** `managed`: a HAProxy that Belay runs. */
export type InitProxy = UserHaproxy | UserNginx | 'managed';

/** The lines of the proxies in a first spec. */
export function proxyBlock(proxy: InitProxy | undefined): string {
  if (!proxy)
    return '# No proxy: instances take traffic from their start. To drain them, add a HAProxy under proxies, and routes to services.';
  if (proxy === 'managed') return managed;
  return ['proxies:', ...(proxy.kind === 'nginx' ? nginx(proxy) : haproxy(proxy))].join('\n');
}

const managed = `proxies:
  # Belay runs it. It answers to the names of the services that have routes, and publishes their ports on the host.
  edge: { kind: haproxy, managed: true }`;

const haproxy = ({ socket, config }: UserHaproxy): string[] => [
  '  edge:',
  '    kind: haproxy',
  `    socket: ${scalar(socket)}   # the runtime API, with level admin`,
  `    config: ${scalar(config)}   # read, never written`,
];

const nginx = ({ config, pid }: UserNginx): string[] => [
  '  web:',
  '    kind: nginx',
  `    config: ${scalar(config)}   # Belay keeps the servers of each upstream here`,
  ...(pid === undefined ? [] : [`    pid: ${scalar(pid)}`]),
];
