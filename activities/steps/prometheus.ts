import { BelayError } from '../../src/errors';
import type { Deps, StepInput } from '../../src/host';
import { openReleased } from '../../src/migration/released';
import type { DesiredValidation } from '../../src/model/desired';
import type { InstanceRef, ValidateStep } from '../../src/model/plan';
import { checkKinds } from '../../src/probes/kinds';
import type { QueryAnswer } from '../../src/probes/prometheus-query';
import { examplesOf } from '../../src/resolve/example';
import { sourcesOf } from '../../src/resolve/sources';
import { marked } from '../../src/spec/checks/prometheus';
import type { Turn } from './turn';

/** Asks a query, with these instances in place of its marks. Its reasons are masked. */
export type PrometheusOf = (query: string, instances: InstanceRef[]) => Promise<QueryAnswer>;

/** Returns how to ask the server that a test names. Throws `spec-invalid` for what is no address. */
export async function askPrometheusOf(
  deps: Deps,
  { step: { service }, source }: StepInput<ValidateStep>,
  { test: { prometheus, timeout }, turn }: { test: DesiredValidation; turn: Turn },
): Promise<PrometheusOf> {
  const { url: written } = prometheus!;
  const { project } = await openReleased(source!, examplesOf(deps, source!));
  const { sources } = await sourcesOf(deps, service, { project, marks: false, kept: true });
  const [text = ''] = await sources.texts([written]);
  deps.masker.add({ url: text }, sources.publicText);
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    const hint = 'see the variables in it, and the env file';
    throw new BelayError('spec-invalid', `${service}: ${written} is not the address of a Prometheus`, { hint });
  }
  const url = new URL(text);
  return async (query, instances) => {
    const neighbour = await sources.neighbour(service, url.hostname);
    if (neighbour && !neighbour.address)
      return { why: `none of the containers of ${url.hostname} runs on a network of ${service}` };
    const answer = await checkKinds.prometheus.atServer!({
      url,
      address: neighbour?.address,
      query: marked(query, marksOf(instances)),
      timeout,
      signal: turn.signal,
    });
    return 'why' in answer ? { why: deps.masker.mask(answer.why) } : answer;
  };
}

const marksOf = (instances: InstanceRef[]) => ({
  revision: String(instances[0]?.revision ?? ''),
  instances: instances.map(({ name }) => name).join('|'),
  servers: instances.flatMap(({ slots }) => slots.map(({ server }) => server)).join('|'),
});
