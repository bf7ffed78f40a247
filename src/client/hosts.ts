import type { Client } from '@temporalio/client';
import { isUnplanned, type ReleaseStatus } from '../model/status';
import { hostNamePattern } from '../spec/host-name';
import { hostOf, pollersOf } from './pollers';

/**
 * Returns the names of hosts whose workers poll now, or did a minute ago. Every worker polls the common task queue as
 * `<pid>@<host>`. A name counts if a worker polls that host's own task queue too.
 */
export async function hostsWithWorkers(client: Client): Promise<string[]> {
  const workers = await pollersOf(client, { taskQueue: 'belay', type: 'workflow' });
  const names = [...new Set(workers.map(hostOf))];
  const polled = await Promise.all(names.map((name) => isPolled(client, name)));
  return names.filter((_, index) => polled[index]).sort();
}

const isPolled = async (client: Client, host: string): Promise<boolean> =>
  hostNamePattern.test(host) &&
  (await pollersOf(client, { taskQueue: `belay-host-${host}`, type: 'activity' })).length > 0;

/** Milliseconds for which an answer counts: a client that follows a release asks several times a second. */
const ANSWER_MS = 10_000;

/** Adds the hosts with workers to the status of a release that waits for a host without one. */
export function hostTeller(client: Client): (status: ReleaseStatus) => Promise<ReleaseStatus> {
  let known: Promise<string[] | undefined> | undefined;
  let askedAt = 0;
  return async (status) => {
    if (!isUnplanned(status)) return status;
    if (Date.now() - askedAt > ANSWER_MS) {
      askedAt = Date.now();
      known = hostsWithWorkers(client).catch(() => undefined);
    }
    const hosts = await known;
    return hosts ? withHosts(status, hosts) : status;
  };
}

/** Pure. */
export function withHosts(status: ReleaseStatus, hosts: string[]): ReleaseStatus {
  const line = hosts.length > 0 ? `hosts with a worker: ${hosts.join(', ')}` : 'no host has a worker now';
  const waiting = status.waiting.map((one) =>
    one.kind === 'unreachable' ? { ...one, text: `${one.text}\n${line}` } : one,
  );
  return { ...status, waiting };
}
