import type { InstanceIdentity } from '../runtime';

/** The name of the file in `<unit>.d` by which an instance has its unit. */
export const dropInName = '50-belay.conf';

export const systemFolder = '/etc/systemd/system';

export const dropInPath = (unit: string): string => `${systemFolder}/${unit}.d/${dropInName}`;

/** The field by which the journal finds an instance's lines. */
export const journalField = 'BELAY_INSTANCE';

interface Seat {
  name: string;
  identity: InstanceIdentity;
  /** Lines of the [Service] section. */
  directives: string[];
}

/** The drop-in that gives an instance its unit. systemd ignores sections that begin with X-. Pure. */
export function dropInText({ name, identity, directives }: Seat): string {
  return [
    `# Written by Belay for ${name}; a release replaces this file.`,
    ...markSection({ name, identity }),
    '',
    '[Service]',
    `LogExtraFields=${journalField}=${name}`,
    ...directives,
    '',
  ].join('\n');
}

/** The section by which people and Belay know whose file it is. Pure. */
export function markSection({ name, identity }: Pick<Seat, 'name' | 'identity'>): string[] {
  const { platform, service, revision, fingerprint, release } = identity;
  return [
    '[X-Belay]',
    `Platform=${platform}`,
    `Service=${service}`,
    `Revision=${revision}`,
    `Instance=${name}`,
    `Fingerprint=${fingerprint}`,
    `Release=${release}`,
  ];
}

/** The instance that a drop-in gives the unit to. Pure. */
export const instanceIn = (text: string | undefined): string | undefined => /^Instance=(.+)$/m.exec(text ?? '')?.[1];

/** The service that a drop-in gives the unit to. Pure. */
export function ownerIn(text: string | undefined): { platform: string; service: string } | undefined {
  const field = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(text ?? '')?.[1];
  const [platform, service] = [field('Platform'), field('Service')];
  return platform === undefined || service === undefined ? undefined : { platform, service };
}

export interface Settings {
  env?: Record<string, string>;
  envFiles?: string[];
  credentials?: Record<string, string>;
  settings?: Record<string, string | number | boolean | Array<string | number | boolean>>;
  stop?: { signal?: string; grace?: number };
}

/** Lines of a [Service] section. Pure. */
export function directivesOf({
  env = {},
  envFiles = [],
  credentials = {},
  settings = {},
  stop = {},
}: Settings): string[] {
  return [
    ...Object.entries(env).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    ...envFiles.map((path) => `EnvironmentFile=${literal(path)}`),
    ...Object.entries(credentials).map(([name, path]) => `LoadCredential=${name}:${literal(path)}`),
    ...(stop.signal === undefined ? [] : [`KillSignal=${stop.signal}`]),
    ...(stop.grace === undefined ? [] : [`TimeoutStopSec=${stop.grace}ms`]),
    ...Object.entries(settings).flatMap(([name, value]) => [value].flat().map((one) => `${name}=${one}`)),
  ];
}

/** One word of a command or an environment, as written. Pure. */
export const quoted = (text: string): string =>
  `"${literal(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`;

/** systemd would read a percent sign as the begin of a specifier. */
const literal = (text: string): string => text.replaceAll('%', '%%');
