import { BelayError } from '../errors';
import { isFree } from '../hosts/ports';
import type { FrontRoute } from '../model/desired';
import type { Engine, Publisher } from '../runtimes/docker/engine';

/** A port of the host that is published for a service. */
export interface Published {
  service: string;
  port: number;
  addresses: string[];
}

type HostPort = Pick<FrontRoute, 'hostPort' | 'hostAddress'>;

interface PortsRequest {
  platform: string;
  /** Names of the Compose projects of the services. */
  projects: string[];
  ports: Published[];
}

/**
 * Throws `preflight-failed` for the first host port that a proxy is to publish and another holds. The holder is a
 * container of another project or a program on the host. Otherwise the release would fail halfway.
 */
export async function refuseHeldPorts(
  { engine }: { engine: Pick<Engine, 'publishers'> },
  { platform, projects, ports }: PortsRequest,
): Promise<void> {
  for (const asked of ports) {
    const holders = await engine.publishers(asked.port);
    const other = holders.find(
      (one) => !isOwn(one, { platform, projects }) && isInTheWay(one.addresses, asked.addresses),
    );
    if (other) throw heldByContainer(asked, other);
    // Docker's own proxy processes listen for published ports, so they are no other program.
    if (holders.length === 0 && isNearby(asked.addresses) && !(await isFree(asked.port))) throw heldByProgram(asked);
  }
}

/** The ports that managed proxies are to publish. */
export const publishedFor = (
  services: Array<{ service: string; fronts?: Array<{ routes: HostPort[] }> }>,
): Published[] =>
  services.flatMap(({ service, fronts = [] }) =>
    fronts.flatMap(({ routes }) =>
      routes.flatMap(({ hostPort, hostAddress = '' }) =>
        hostPort === undefined ? [] : [{ service, port: hostPort, addresses: [hostAddress].flat() }],
      ),
    ),
  );

const isOwn = (one: Publisher, { platform, projects }: Omit<PortsRequest, 'ports'>): boolean =>
  projects.includes(one.project ?? '') || one.platform === platform;

const everywhere = ['', '0.0.0.0', '::'];

const isInTheWay = (theirs: string[], ours: string[]): boolean =>
  [theirs, ours].some((all) => all.some((one) => everywhere.includes(one))) || theirs.some((one) => ours.includes(one));

/** True if a listener at 127.0.0.1 or at all addresses would block the port. */
const isNearby = (addresses: string[]): boolean =>
  addresses.some((one) => everywhere.includes(one) || one === '127.0.0.1');

function heldByContainer({ service, port }: Published, { name, project, service: theirs }: Publisher): BelayError {
  const whose = project === undefined ? '' : ` of the Compose project ${project}`;
  return new BelayError(
    'preflight-failed',
    `${service}: the proxy cannot publish port ${port} of this host, because container ${name}${whose} publishes it`,
    {
      hint:
        theirs === service
          ? `if ${project} is this project, write name: ${project} at the top of the Compose file; if not, publish another port in one of the two`
          : 'stop that container, or publish another port in the Compose file',
    },
  );
}

const heldByProgram = ({ service, port }: Published): BelayError =>
  new BelayError(
    'preflight-failed',
    `${service}: the proxy cannot publish port ${port} of this host, because a program outside of the engine listens there`,
    { hint: `stop it (ss -ltnp 'sport = :${port}' names it), or publish another port in the Compose file` },
  );
