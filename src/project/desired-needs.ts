import type { DesiredNeed } from '../model/desired';
import { kindsWith, type NeedOptions, needKinds, needOptions } from '../spec/checks';
import type { Need, ServiceSpec } from '../spec/spec';

const defaultPatience = 10_000;

/** The needs of a service, without those that name services of the spec. */
export const desiredNeeds = ({ needs }: Pick<ServiceSpec, 'needs'>): DesiredNeed[] => needs.flatMap(desiredNeed);

function desiredNeed(need: Need): DesiredNeed[] {
  const kind = needKinds.find((one) => need[one] !== undefined);
  if (!kind) return [];
  const { required = true, within = defaultPatience } = need;
  const written = needOptions.filter((option) => kindsWith(option).includes(kind) && need[option] !== undefined);
  const options: NeedOptions = Object.fromEntries(written.map((option) => [option, need[option]]));
  return [{ kind, text: need[kind]!, ...(kind === 'http' && { status: 200 }), ...options, required, within }];
}
