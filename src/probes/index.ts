import type { DesiredCheck } from '../model/desired';
import { checkDockerHealth } from './docker-health';
import { checkGrpc } from './grpc';
import { checkHttp } from './http';
import type { Probe, ProbeTarget } from './probe';
import { type ProbeResult, unhealthy } from './probe-result';
import { checkTcp } from './tcp';

export { checkNeed, hostOf, type NeedCheck } from './need';

/** The check that the spec asks for, on one instance as it was observed just now. Throws only the signal's reason. */
export const probe: Probe = async (target) => {
  const { instance, check } = target;
  if (instance.state !== 'running') return unhealthy(notRunning(target));
  if (check.docker) return checkDockerHealth(instance);
  const container = portOf(check);
  const port = container === undefined ? undefined : instance.ports[container];
  if (port === undefined) return unhealthy(`port ${container ?? '?'} is not published on loopback`);
  return onPort(target, port);
};

/** Of the container; none where the engine's own check is asked for. */
export const portOf = ({ tcp, grpc, port }: DesiredCheck): number | undefined => tcp ?? grpc ?? port;

function onPort({ check, signal, host = '127.0.0.1' }: ProbeTarget, port: number): Promise<ProbeResult> {
  const { http, grpc, headers, status, json, proxied, timeout } = check;
  if (grpc !== undefined) return checkGrpc({ host, port, timeout, signal });
  if (http === undefined) return checkTcp({ host, port, timeout, signal });
  return checkHttp({ host, port, path: http, headers, status, json, proxied, timeout, signal });
}

function notRunning({ instance: { state, exitCode } }: ProbeTarget): string {
  return state === 'exited' ? `it exited with ${exitCode ?? '?'}` : 'it was not started';
}
