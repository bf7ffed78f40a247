import type { InstanceIdentity, InstanceRequest } from '../runtime';

/** The instructions for instances of a revision. */
export interface SystemdTemplate {
  /** The unit, or the template unit whose instances are named by their ports. */
  unit: string;
  /** Lines of the drop-in's [Service] section. */
  directives: string[];
  /** For all to see. */
  environment: Record<string, string>;
  /** The text of the unit file, if Belay installs it. */
  unitText?: string;
  files?: PlacedFiles;
  /** Of a template unit: the port that is `%i` for its jobs. */
  jobPort?: number;
  /** True if a reload suffices where a running process need not be told anything else. */
  reload?: true;
  /** Set for an instance that Belay found: whether its unit starts at boot, and where it listened. */
  found?: { enabled: boolean; ports: Record<string, number> };
}

/** The files of a revision, and where its units find them. */
export interface PlacedFiles {
  platform: string;
  service: string;
  revision: number;
  sha256: string;
  /** True for one executable; false for a folder. */
  single: boolean;
  /** The path of the link; `%i` in it is the instance. */
  install: string;
  owner?: string;
  group?: string;
  /** In octal digits. */
  mode?: string;
}

/** The unit of an instance: of a template, the one that its port names. Pure. */
export function unitOf(
  { unit }: Pick<SystemdTemplate, 'unit'>,
  instance?: Pick<InstanceRequest, 'ports' | 'identity'>,
): string {
  if (!unit.includes('@.') || !instance) return unit;
  const [port = instance.identity.instance] = Object.values(instance.ports);
  return unit.replace('@.', `@${port}.`);
}

/** `%i` of a unit; empty for a unit of no template. Pure. */
export const instanceOfUnit = (unit: string): string => /@(.*)\.service$/.exec(unit)?.[1] ?? '';

/** True if the unit is that one, or an instance of that template. Pure. */
export const isUnitOf = (unit: string, name: string): boolean =>
  name.includes('@.')
    ? unit.startsWith(name.slice(0, name.indexOf('@') + 1)) && instanceOfUnit(unit) !== ''
    : unit === name;

export const isSameIdentity = (one: InstanceIdentity | undefined, other: InstanceIdentity | undefined): boolean =>
  one?.platform === other?.platform &&
  one?.service === other?.service &&
  one?.revision === other?.revision &&
  one?.instance === other?.instance &&
  one?.fingerprint === other?.fingerprint;
