import { askedPort, readyKinds } from '../spec/checks';
import type { HostProgram, Told } from './host-program';
import { checkKinds } from './kinds';
import { authority } from './network';
import type { Probe, ProbeTarget } from './probe';
import { unhealthy } from './probe-result';

export { checkByProgram, checkNeed, hostOf, type NeedCheck, portOf } from './need';

/** The check that the spec asks for, on one instance as it was observed just now. Throws only the signal's reason. */
export const probe: Probe = async (target) => {
  const { instance, check, signal, host = '127.0.0.1' } = target;
  if (instance.state !== 'running') return unhealthy(notRunning(target));
  const kind = readyKinds.find((one) => check[one] !== undefined);
  const { asSeen, atPort, inside, inLog, onHost } = kind ? checkKinds[kind] : {};
  if (asSeen) return asSeen(instance);
  if (onHost && check.where === 'host') {
    const { owner, mask } = target.beside!;
    return await onHost({ program: programOf(target, owner), mask, timeout: check.timeout, signal });
  }
  if (inside) {
    const { run } = target;
    if (!run) return unhealthy('its runtime runs no program inside an instance');
    return await inside({ run, check, timeout: check.timeout, signal });
  }
  if (inLog) return await inLog({ log: target.log!, check, timeout: check.timeout, signal });
  const [container, port] = askedAt(target);
  if (port === undefined) return unhealthy(`port ${container ?? '?'} is not published on loopback`);
  return await atPort!({ host, port, check, timeout: check.timeout, signal });
};

/** The port that the check asks: of the container, and of the host. */
function askedAt({ check, instance }: ProbeTarget): [number?, number?] {
  const container = askedPort(check);
  return container === undefined ? [] : [container, instance.ports[container]];
}

function programOf(target: ProbeTarget, owner: Pick<Told, 'platform' | 'service'>): HostProgram {
  const { check, instance, host = '127.0.0.1' } = target;
  const [, port] = askedAt(target);
  const address = port === undefined ? undefined : authority(host, port);
  const { name, revision } = instance;
  return { argv: check.command!, folder: check.folder!, told: { ...owner, instance: name, revision, address } };
}

function notRunning({ instance: { state, exitCode } }: ProbeTarget): string {
  return state === 'exited' ? `it exited with ${exitCode ?? '?'}` : 'it was not started';
}
