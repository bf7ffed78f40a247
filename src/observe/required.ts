import type { Deps } from '../host';
import type { RequiredService } from '../model/plan';
import type { RuntimeInstance } from '../runtimes/runtime';
import type { RuntimeKindName } from '../spec/runtimes';
import { listed } from '../spec/sentences';

/** A released service, and the services of its Compose project that it depends on and no release runs. */
export interface Requiring {
  platform: string;
  service: string;
  runtime?: RuntimeKindName;
  requires?: RequiredService[];
}

/** A required service that is not as it has to be. */
export interface Unmet {
  service: string;
  /** The service that depends on it. */
  by: string;
  /** What it is: "is not running". */
  why: string;
  /** What to do, mostly a command. */
  repair: string;
  /** Its engine has not yet decided whether it is healthy. */
  isStarting?: true;
}

/** Returns the required services that are not as they have to be, without optional ones. Changes nothing. */
export async function unmet(
  { runtimeOf }: Pick<Deps, 'runtimeOf'>,
  { platform, service: by, runtime, requires = [] }: Requiring,
): Promise<Unmet[]> {
  const found = requires.map(async ({ service, condition, project, optional }) => {
    if (optional) return [];
    const fault = faultOf(condition, await runtimeOf(runtime).observe({ platform, service, project }));
    return fault ? [{ service, by, ...fault, repair: repairOf(fault, service) }] : [];
  });
  return (await Promise.all(found)).flat();
}

type Fault = Pick<Unmet, 'why' | 'isStarting'> & { remedy?: 'look' | 'check' };

function faultOf(condition: RequiredService['condition'], seen: RuntimeInstance[]): Fault | undefined {
  if (condition === 'completed')
    return seen.some(({ exitCode }) => exitCode === 0) ? undefined : { why: 'did not exit successfully' };
  const running = seen.filter(({ state }) => state === 'running');
  if (running.length === 0) return { why: 'is not running' };
  const has = (health: RuntimeInstance['health']) => running.some((one) => one.health === health);
  if (condition !== 'healthy' || has('healthy')) return undefined;
  if (has('starting')) return { why: 'is not healthy yet', remedy: 'look', isStarting: true };
  return has('unhealthy') ? { why: 'is unhealthy', remedy: 'look' } : { why: 'has no HEALTHCHECK', remedy: 'check' };
}

function repairOf({ remedy }: Fault, service: string): string {
  const up = `docker compose up -d ${service}`;
  if (remedy === 'look') return `see docker compose ps ${service}`;
  return remedy === 'check' ? `give it a healthcheck in the Compose file, then ${up}` : up;
}

/** Returns each service once, with all that depend on it. Pure. */
export function told(all: Unmet[]): Array<Pick<Unmet, 'service' | 'repair'> & { text: string }> {
  const names = [...new Set(all.map(({ service }) => service))];
  return names.map((service) => {
    const those = all.filter((one) => one.service === service);
    const { why, repair } = those[0]!;
    const dependents = listed([...new Set(those.map(({ by }) => by))]);
    return { service, repair, text: `${service}, which ${dependents} depend${those.length > 1 ? '' : 's'} on, ${why}` };
  });
}

/** Leaves out what is only starting. Pure. */
export const settled = (all: Unmet[]): Unmet[] => all.filter(({ isStarting }) => !isStarting);
