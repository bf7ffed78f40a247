import type { PlannedService } from '../model/desired';
import type { Expectations, Runtime } from '../runtimes/runtime';
import { usualRuntime } from '../spec/runtimes';

/** The services, with what another tool expects of those in this runtime. */
export async function asExpected(
  { kind }: Pick<Runtime, 'kind'>,
  expectations: Expectations,
  services: PlannedService[],
): Promise<PlannedService[]> {
  const own = services.filter(({ runtime = usualRuntime, strategy }) => runtime === kind && strategy.kind !== 'job');
  const seen = await expectations.views(own);
  return services.map((one) => seen.find(({ service }) => service === one.service) ?? one);
}
