import { BelayError } from '../src/errors';
import { isFree } from '../src/hosts/ports';
import type { Engine } from '../src/runtimes/runtime';
import type { DesiredService } from '../src/spec/desired';

/**
 * A port of the host that a proxy is to publish, and that a program outside of the engine has: the release would fail in the
 * middle. Throws `preflight-failed`. What a container has is looked at where it is taken over.
 */
export async function refuseHeldPorts(
  { runtime }: { runtime: Pick<Engine, 'publishedPorts'> },
  services: DesiredService[],
): Promise<void> {
  const asked = services.flatMap(({ service, fronts = [] }) =>
    fronts.flatMap(({ routes }) =>
      routes.flatMap(({ hostPort, hostAddress }) =>
        hostPort !== undefined && isNearby(hostAddress) ? [{ service, hostPort }] : [],
      ),
    ),
  );
  if (asked.length === 0) return;
  const published = await runtime.publishedPorts();
  for (const { service, hostPort } of asked.filter((one) => !published.includes(one.hostPort))) {
    if (await isFree(hostPort)) continue;
    throw new BelayError(
      'preflight-failed',
      `${service}: a program that is no container listens on port ${hostPort} of this host, which the proxy is to publish`,
      { hint: `stop it (ss -ltnp 'sport = :${hostPort}' shows it), or publish another port in the Compose file` },
    );
  }
}

/** A listener at 127.0.0.1, or at all addresses, stands in its way. */
const isNearby = (address: string | string[] = '0.0.0.0'): boolean =>
  [address].flat().some((one) => ['127.0.0.1', '0.0.0.0', '::'].includes(one));
