import { BelayError } from '../src/errors';
import { isFree } from '../src/hosts/ports';
import type { Engine, Publisher } from '../src/runtimes/runtime';
import type { DesiredService } from '../src/spec/desired';

interface Asked {
  service: string;
  port: number;
  addresses: string[];
}

interface Question {
  platform: string;
  /** Compose's name of the project. */
  project: string;
  services: DesiredService[];
}

/**
 * Ports of the host that a proxy is to publish, and that somebody else has: a container of another project, or a program outside
 * of the engine. The release would fail in the middle. Throws `preflight-failed` for the first of them.
 */
export async function refuseHeldPorts(
  { runtime }: { runtime: Pick<Engine, 'publishers'> },
  { platform, project, services }: Question,
): Promise<void> {
  for (const asked of askedOf(services)) {
    const holders = await runtime.publishers(asked.port);
    const other = holders.find(
      (one) => !isOwn(one, { platform, project }) && isInTheWay(one.addresses, asked.addresses),
    );
    if (other) throw heldByContainer(asked, other);
    // Docker's own programs listen for what containers publish.
    if (holders.length === 0 && isNearby(asked.addresses) && !(await isFree(asked.port))) throw heldByProgram(asked);
  }
}

const askedOf = (services: DesiredService[]): Asked[] =>
  services.flatMap(({ service, fronts = [] }) =>
    fronts.flatMap(({ routes }) =>
      routes.flatMap(({ hostPort, hostAddress = '' }) =>
        hostPort === undefined ? [] : [{ service, port: hostPort, addresses: [hostAddress].flat() }],
      ),
    ),
  );

const isOwn = (one: Publisher, { platform, project }: Omit<Question, 'services'>): boolean =>
  one.project === project || one.platform === platform;

const everywhere = ['', '0.0.0.0', '::'];

const isInTheWay = (theirs: string[], ours: string[]): boolean =>
  [theirs, ours].some((all) => all.some((one) => everywhere.includes(one))) || theirs.some((one) => ours.includes(one));

/** A listener at 127.0.0.1, or at all addresses, stands in its way. */
const isNearby = (addresses: string[]): boolean =>
  addresses.some((one) => everywhere.includes(one) || one === '127.0.0.1');

function heldByContainer({ service, port }: Asked, { name, project, service: theirs }: Publisher): BelayError {
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

const heldByProgram = ({ service, port }: Asked): BelayError =>
  new BelayError(
    'preflight-failed',
    `${service}: the proxy cannot publish port ${port} of this host, because a program outside of the engine listens there`,
    { hint: `stop it (ss -ltnp 'sport = :${port}' names it), or publish another port in the Compose file` },
  );
