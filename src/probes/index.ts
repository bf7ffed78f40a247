import { askedPort, readyKinds } from '../spec/checks';
import { checkKinds } from './kinds';
import type { Probe, ProbeTarget } from './probe';
import { unhealthy } from './probe-result';

export { checkNeed, hostOf, type NeedCheck, portOf } from './need';

/** The check that the spec asks for, on one instance as it was observed just now. Throws only the signal's reason. */
export const probe: Probe = async (target) => {
  const { instance, check, signal, host = '127.0.0.1' } = target;
  if (instance.state !== 'running') return unhealthy(notRunning(target));
  const kind = readyKinds.find((one) => check[one] !== undefined);
  const { asSeen, atPort, inside, inLog } = kind ? checkKinds[kind] : {};
  if (asSeen) return asSeen(instance);
  if (inside) {
    const { run } = target;
    if (!run) return unhealthy('its runtime runs no program inside an instance');
    return await inside({ run, check, timeout: check.timeout, signal });
  }
  if (inLog) return await inLog({ log: target.log!, check, timeout: check.timeout, signal });
  const container = askedPort(check);
  const port = container === undefined ? undefined : instance.ports[container];
  if (port === undefined) return unhealthy(`port ${container ?? '?'} is not published on loopback`);
  return await atPort!({ host, port, check, timeout: check.timeout, signal });
};

function notRunning({ instance: { state, exitCode } }: ProbeTarget): string {
  return state === 'exited' ? `it exited with ${exitCode ?? '?'}` : 'it was not started';
}
