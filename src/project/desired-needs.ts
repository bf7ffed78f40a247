import type { DesiredNeed } from '../model/desired';
import { kindsWith, type NeedKind, type NeedOptions, needKinds, needOptions } from '../spec/checks';
import type { Need, ServiceSpec } from '../spec/spec';

const defaultPatience = 10_000;

/** The needs of a service, without those that name services of the spec. */
export const desiredNeeds = ({ needs }: Pick<ServiceSpec, 'needs'>, folder: string): DesiredNeed[] =>
  needs.flatMap((need) => desiredNeed(need, folder));

/** The addresses among them, which may take variables; a command takes none. */
export const neededAddresses = ({ needs }: Pick<ServiceSpec, 'needs'>): string[] =>
  needs.flatMap((need) => needKinds.flatMap((kind) => (kind === 'command' ? [] : (need[kind] ?? []))));

type Asked = Pick<DesiredNeed, 'kind' | 'text' | 'command' | 'folder'>;

/** What a need, or a test of the platform, asks: an address, or a program in the folder. */
export function askedAs(kind: NeedKind, written: Pick<Need, NeedKind>, folder: string): Asked {
  if (kind !== 'command') return { kind, text: written[kind]! };
  const command = written.command!;
  return { kind, text: command.join(' '), command, folder };
}

function desiredNeed(need: Need, folder: string): DesiredNeed[] {
  const kind = needKinds.find((one) => need[one] !== undefined);
  if (!kind) return [];
  const { required = true, within = defaultPatience } = need;
  const written = needOptions.filter((option) => kindsWith(option).includes(kind) && need[option] !== undefined);
  const options: NeedOptions = Object.fromEntries(written.map((option) => [option, need[option]]));
  return [{ ...askedAs(kind, need, folder), ...(kind === 'http' && { status: 200 }), ...options, required, within }];
}
