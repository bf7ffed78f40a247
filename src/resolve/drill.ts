import type { DesiredService } from '../model/desired';
import type { DrillScenario } from '../model/plan';
import { askedPort } from '../spec/checks';
import type { ServiceSpec } from '../spec/spec';

const usualSettle = 5_000;
const longestWait = 30_000;

/** What a request asks in place of the spec's own. Times in milliseconds. */
export interface DrillAsked {
  settle?: number;
  wait?: number;
  path?: string;
}

type Drilled = Pick<DesiredService, 'ready' | 'ports' | 'hostPorts' | 'stop'>;

/** How the shutdown of the service is tested. Pure. */
export function scenarioOf(
  { ready, ports, hostPorts, stop }: Drilled,
  { drill = {}, routes }: Pick<ServiceSpec, 'drill' | 'routes'>,
  given: DrillAsked = {},
): DrillScenario {
  const slowPath = given.path ?? drill.path;
  const asked = askedOf(ready, routes, slowPath);
  return {
    ...(ready && { ready }),
    ports,
    ...(hostPorts && { hostPorts }),
    ...(asked && { asked }),
    stop,
    settle: given.settle ?? drill.settle ?? usualSettle,
    wait: given.wait ?? drill.wait ?? Math.min(stop.grace, longestWait),
  };
}

/** The first route's port, else that of the readiness check; HTTP where one of them speaks it. */
function askedOf(ready: Drilled['ready'], [route]: ServiceSpec['routes'], slowPath?: string): DrillScenario['asked'] {
  const port = route?.port ?? (ready && askedPort(ready));
  if (port === undefined) return undefined;
  const readyPath = ready?.http ?? ready?.https;
  const isReadys = readyPath !== undefined && ready?.port === port;
  const isHttp = readyPath !== undefined || route?.protocol === 'http' || slowPath !== undefined;
  const isOther = route?.protocol !== undefined && route.protocol !== 'http';
  // Without the proxy's line a service answers no request.
  if (!isHttp || isOther || ready?.proxied) return { port };
  const serverName = ready?.server_name ?? ready?.headers?.host?.split(':')[0];
  return {
    port,
    path: (isReadys && readyPath) || '/',
    ...(slowPath !== undefined && { slowPath }),
    ...(isReadys && ready.https !== undefined && { tls: { ...(serverName !== undefined && { serverName }) } }),
  };
}
