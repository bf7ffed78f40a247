import type { HaproxySpec, Spec } from '../../spec/spec';
import type { Check } from './check';
export async function examineHaproxy(_: { name: string; proxy: HaproxySpec; spec: Spec }): Promise<Check[]> {
  return [];
}
