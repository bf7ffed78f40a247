import type { DesiredNeed } from '../model/desired';
import { needKinds } from '../spec/checks';
import type { Need, ServiceSpec } from '../spec/spec';

const defaultPatience = 10_000;

/** The needs of a service, without those that name services of the spec. */
export const desiredNeeds = ({ needs }: Pick<ServiceSpec, 'needs'>): DesiredNeed[] => needs.flatMap(desiredNeed);

function desiredNeed(need: Need): DesiredNeed[] {
  const kind = needKinds.find((one) => need[one] !== undefined);
  if (!kind) return [];
  const { status, required = true, within = defaultPatience } = need;
  return [{ kind, text: need[kind]!, ...(kind === 'http' && { status: status ?? 200 }), required, within }];
}
