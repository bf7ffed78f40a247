import type { Deps } from '../host';
import type { DesiredService } from '../model/desired';
import type { Runtime } from '../runtimes/runtime';
import { usualRuntime } from '../spec/runtimes';

/** The runtimes of these records, each once; the usual one without a record. */
export function runtimesIn(
  { runtimeOf }: Pick<Deps, 'runtimeOf'>,
  records: Array<Pick<DesiredService, 'runtime'>>,
): Runtime[] {
  const kinds = records.map(({ runtime = usualRuntime }) => runtime);
  return [...new Set(kinds.length > 0 ? kinds : [usualRuntime])].map((kind) => runtimeOf(kind));
}
