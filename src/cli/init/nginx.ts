import { dirname, join } from 'node:path';
import { type Upstream, upstreamsIn } from '../../proxies/nginx/upstreams';
import { runProgram } from '../../run-program';
import { listenIn, type NginxUpstream, type UserNginx } from '../../spec/init/nginx';
import { defaultPid } from '../../spec/proxies/nginx';
import type { Led } from './proxy';

interface NginxSearch {
  env: NodeJS.ProcessEnv;
  /** Services with the ports at which the host reaches them. */
  services: Led[];
}

/** An nginx, also in words for people; without one, these are empty or say why. */
export interface FoundNginx {
  nginx?: UserNginx;
  found: string;
  todo: string[];
}

/** Administrators' programs, which the PATH of other users often lacks. */
const sbin = '/usr/local/sbin:/usr/sbin:/sbin';

/** Returns this host's nginx if one of its upstreams has servers at ports of the services. */
export async function findNginx({ env, services }: NginxSearch): Promise<FoundNginx> {
  const path = [env.PATH, sbin].filter(Boolean).join(':');
  const asked = { command: 'nginx', args: ['-T'], env: { ...env, PATH: path }, timeout: 20_000, most: 64 * 1024 ** 2 };
  const { code, output, why } = await runProgram(asked);
  if (code === 'ENOENT') return { found: '', todo: [] };
  if (code !== 0) return { found: '', todo: [unread(why)] };
  const { path: main, pid, upstreams } = upstreamsIn(output);
  const led = upstreams.filter((one) => services.some((service) => leadsTo(one, service)));
  if (led.length === 0) return { found: `${main} has no upstream with servers at their ports`, todo: [] };
  const folder = led.find(({ list }) => list)?.list?.folder ?? join(dirname(main), 'belay');
  const nginx: UserNginx = {
    kind: 'nginx',
    config: folder,
    ...(pid !== undefined && pid !== defaultPid && { pid }),
    upstreams: led.map(asBackend),
  };
  const found = `nginx ${main}: upstreams ${led.map(({ name }) => name).join(', ')}`;
  return {
    nginx,
    found,
    todo: byHand(
      folder,
      led.filter(({ list }) => list?.folder !== folder),
    ),
  };
}

const leadsTo = (upstream: Upstream, { name, listens }: Led): boolean =>
  upstream.list?.key === name || listenIn(listens, asBackend(upstream)) !== undefined;

const asBackend = ({ name, ports, list }: Upstream): NginxUpstream => ({ backend: list?.key ?? fileName(name), ports });

/** The backend names a file. */
const fileName = (upstream: string): string => upstream.replace(/[^\w.-]/g, '-').replace(/^[.-]+/, '') || 'upstream';

/** Returns the steps that docs/nginx.md asks for, in one message. */
function byHand(folder: string, upstreams: Upstream[]): string[] {
  if (upstreams.length === 0) return [];
  const moves = upstreams.map((one) => {
    const list = join(folder, `${asBackend(one).backend}.servers`);
    return `move the server lines of upstream ${one.name} (${one.file}) into ${list}, one a line, and write in their place: include ${list};`;
  });
  return [`nginx: install -d ${folder}; ${moves.join(' then ')} then nginx -t && nginx -s reload`];
}

/** A user may not read what root may. */
function unread(why: string): string {
  const [line = why] = why.split('\n').filter((one) => one.includes('[emerg]'));
  return `nginx -T fails (${line.replace(/^nginx: /, '').trim()}): if nginx leads to a service, run belay init again as root`;
}
