import { line, scalar } from './text';

/** An nginx that the user runs. */
export interface UserNginx {
  kind: 'nginx';
  /** The folder of the lists of servers. */
  config: string;
  /** Its pid file, where it is not the usual one. */
  pid?: string;
  /** The upstreams that lead to services. */
  upstreams: NginxUpstream[];
}

export interface NginxUpstream {
  /** The name of its list of servers. */
  backend: string;
  /** Ports of the host at which it has servers. */
  ports: number[];
}

interface Listening {
  port: number;
  /** Ports of the host that lead to it: `8080`, `8080-8082`. */
  published?: string[];
}

/** Returns the port of a service to which an upstream leads. Pure. */
export const listenIn = <L extends Listening>(listens: L[], { ports }: NginxUpstream): L | undefined =>
  listens.find(({ published = [] }) => published.some((one) => ports.some((port) => isIn(one, port))));

function isIn(published: string, port: number): boolean {
  const [first, last = first] = published.split('-').map(Number);
  return port >= first! && port <= last!;
}

/** The routes through an nginx of the user, one for each upstream that leads to the service. */
export function nginxRoutes({ name, listens }: { name: string; listens: Listening[] }, nginx: UserNginx): string[] {
  const routes = nginx.upstreams.flatMap((upstream) => {
    const led = listenIn(listens, upstream) ?? (upstream.backend === name ? listens[0] : undefined);
    const backend = upstream.backend === name ? '' : `backend: ${scalar(upstream.backend)}, `;
    return led ? [`{ proxy: web, ${backend}port: ${led.port} }`] : [];
  });
  if (routes.length > 0) return [`    routes: [${routes.join(', ')}]`];
  const [first] = listens;
  if (!first) return [];
  const known = nginx.upstreams.map(({ backend }) => backend).join(', ');
  return [
    `    # No upstream of nginx has servers at ports of ${line(name)}; it leads to ${line(known)}.`,
    `    # routes: [{ proxy: web, backend: …, port: ${first.port} }]`,
  ];
}
