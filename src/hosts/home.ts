import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { BelayError } from '../errors';

/** Names a service on its host; a fence token is one too. */
export interface ServiceKey {
  platform: string;
  service: string;
}

/**
 * Returns the folder of a host's locks, ledger and key: BELAY_HOME, else /var/lib/belay for root, else
 * ~/.local/state/belay.
 */
export function belayHome(env: NodeJS.ProcessEnv = process.env, uid: number | undefined = process.getuid?.()): string {
  if (env.BELAY_HOME) return resolve(env.BELAY_HOME);
  if (uid === 0) return '/var/lib/belay';
  return join(env.HOME || homedir(), '.local', 'state', 'belay');
}

export type HostPaths = ReturnType<typeof hostPaths>;

/** Returns the paths of all that a host keeps. Throws `input-invalid` for a name that would lead out of the folder. */
export function hostPaths(home: string) {
  const folder = ({ platform, service }: ServiceKey) => join(home, 'ledger', segment(platform), segment(service));
  return {
    key: join(home, 'key'),
    serviceLock: ({ platform, service }: ServiceKey) =>
      join(home, 'locks', 'services', segment(platform), `${segment(service)}.lock`),
    /** Guards reads and notes of the fence while effects of the service run side by side. */
    fenceLock: ({ platform, service }: ServiceKey) =>
      join(home, 'locks', 'fences', segment(platform), `${segment(service)}.lock`),
    /** Guards the effects of one step; some steps share a lock. */
    stepLock: ({ platform, service }: ServiceKey, step: string) =>
      join(home, 'locks', 'steps', segment(platform), segment(service), `${stripe(step)}.lock`),
    /** Guards change, snapshot and rename of one proxy. */
    proxyLock: (proxy: string) => join(home, 'locks', 'proxies', `${segment(proxy)}.lock`),
    /** Guards the backups of a service: one reads or changes them at a time. */
    backupLock: ({ platform, service }: ServiceKey) =>
      join(home, 'locks', 'backups', segment(platform), `${segment(service)}.lock`),
    portsLock: join(home, 'locks', 'ports.lock'),
    platforms: join(home, 'ledger'),
    services: (platform: string) => join(home, 'ledger', segment(platform)),
    service: folder,
    fence: (key: ServiceKey) => join(folder(key), 'fence.json'),
    head: (key: ServiceKey) => join(folder(key), 'head.json'),
    revisions: (key: ServiceKey) => join(folder(key), 'revisions'),
    revision: (key: ServiceKey, number: number) => join(folder(key), 'revisions', `${number}.json`),
    /** Copies of the files that revisions of the service mount, by their digests. */
    allOwnFiles: (key: ServiceKey) => join(folder(key), 'files'),
    ownFiles: (key: ServiceKey, digest: string) => join(folder(key), 'files', segment(digest)),
    workers: join(home, 'workers'),
    /** Compose projects of a platform, kept while a release runs. */
    projects: (platform: string) => join(home, 'projects', segment(platform)),
    drains: join(home, 'drains'),
    drain: (instance: string) => join(home, 'drains', `${segment(instance)}.json`),
    /** Records of instances whose place is a unit of systemd. */
    units: join(home, 'units'),
    unit: (instance: string) => join(home, 'units', `${segment(instance)}.json`),
    /** Records of jobs in units of systemd. */
    jobs: join(home, 'jobs'),
    job: (instance: string) => join(home, 'jobs', `${segment(instance)}.json`),
    /** Records of drills in units of systemd. */
    drillUnits: join(home, 'drill-units'),
    drillUnit: (instance: string) => join(home, 'drill-units', `${segment(instance)}.json`),
    /** The state of what starts a unit by itself, from the stop of the unit to its next start. */
    triggers: (unit: string) => join(home, 'triggers', `${segment(unit)}.json`),
    /** Files that units run, by their content, and what each revision keeps of them. */
    artifacts: join(home, 'artifacts'),
    artifactsLock: join(home, 'locks', 'artifacts.lock'),
    artifact: (sha256: string) => join(home, 'artifacts', 'sha256', segment(sha256)),
    /** The place of an artifact until it is whole, for the one that has its lock. */
    comingArtifact: (sha256: string) => join(home, 'artifacts', 'sha256', `${segment(sha256)}.tmp`),
    comingLock: (sha256: string) => join(home, 'locks', 'artifacts', `${segment(sha256)}.lock`),
    keptArtifacts: ({ platform, service }: ServiceKey) =>
      join(home, 'artifacts', 'revisions', segment(platform), segment(service)),
    /** Restores of a service's databases, volumes and folders that can be undone. */
    restoresOf: ({ platform, service }: ServiceKey) => join(home, 'restores', segment(platform), segment(service)),
    restores: ({ platform, service }: ServiceKey, thing: string) =>
      join(home, 'restores', segment(platform), segment(service), segment(thing)),
    restore: ({ platform, service }: ServiceKey, thing: string, id: string) =>
      join(home, 'restores', segment(platform), segment(service), segment(thing), `${segment(id)}.json`),
    /** The last drill of each service. */
    drills: (platform: string) => join(home, 'drills', segment(platform)),
    drill: ({ platform, service }: ServiceKey) => join(home, 'drills', segment(platform), `${segment(service)}.json`),
    logs: join(home, 'logs'),
    log: (instance: string) => join(home, 'logs', `${segment(instance)}.log`),
  };
}

const stripe = (step: string): number => createHash('sha256').update(step).digest()[0]! % 32;

function segment(name: string): string {
  if (/^[\w@][\w@:.-]*$/.test(name)) return name;
  throw new BelayError('input-invalid', `"${name}" cannot name a file on the host`, {
    hint: 'use letters, digits, hyphens, underscores and inner dots',
  });
}
