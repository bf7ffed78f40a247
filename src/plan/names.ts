import { BelayError } from '../errors';
import type { DesiredService } from '../spec/desired';
import type { ServiceInput } from './plan-release';

/**
 * Name and ports of one instance after another that the release launches. Containers that Compose started come back under
 * their own, those that still run aside. Throws `preflight-failed` where another container has such a name.
 */
export function createNames({ platform, desired, observed, revision, takePort }: ServiceInput) {
  const running = observed.instances.filter((one) => one.state === 'running').map((one) => one.name);
  const comeBack = (desired.kept?.instances ?? []).filter((one) => !running.includes(one.name));
  let count = 0;
  return (): { name: string; ports: Record<string, number> } => {
    const kept = comeBack[count];
    if (!kept && desired.kept?.instances) throw notToBeHad(desired, running);
    count += 1;
    if (kept) return { name: kept.name, ports: kept.ports };
    const ports = Object.fromEntries(desired.ports.map((port) => [port, takePort()]));
    return { name: `${platform}-${desired.service}-r${revision}-${count}`, ports };
  };
}

/** A container that Compose started is only ever launched as it was. */
function notToBeHad({ service, kept }: DesiredService, running: string[]): BelayError {
  const other = kept?.instances?.find(({ name }) => running.includes(name));
  const why = other
    ? `Compose runs ${other.name} by another configuration by now`
    : 'not all of its containers are known any more';
  return new BelayError('preflight-failed', `${service}: cannot go back to revision ${kept?.revision}: ${why}`, {
    hint: other
      ? `docker compose rm --stop --force ${service}, then roll back again; or go back to another revision: --list`
      : `go back to another revision: --list`,
  });
}
