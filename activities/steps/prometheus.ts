import { BelayError } from '../../src/errors';
import type { Deps, StepInput } from '../../src/host';
import type { DesiredValidation } from '../../src/model/desired';
import type { InstanceRef, ValidateStep } from '../../src/model/plan';
import { checkKinds } from '../../src/probes/kinds';
import type { QueryAnswer } from '../../src/probes/prometheus-query';
import { marked } from '../../src/spec/checks/prometheus';
import { surroundingsOf } from './surroundings';
import type { Turn } from './turn';

/** Asks a query, with these instances in place of its marks. Its reasons are masked. */
export type PrometheusOf = (query: string, instances: InstanceRef[]) => Promise<QueryAnswer>;

/** Returns how to ask the server that a test names. Throws `spec-invalid` for what is no address. */
export async function askPrometheusOf(
  deps: Deps,
  input: StepInput<ValidateStep>,
  { test: { prometheus, timeout }, turn }: { test: DesiredValidation; turn: Turn },
): Promise<PrometheusOf> {
  const { url: written } = prometheus!;
  const { service } = input.step;
  const { sources, neighbour: find } = await surroundingsOf(deps, input);
  const [text = ''] = await sources.texts([written]);
  deps.masker.add({ url: text }, sources.publicText);
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    const hint = 'see the variables in it, and the env file';
    throw new BelayError('spec-invalid', `${service}: ${written} is not the address of a Prometheus`, { hint });
  }
  const url = new URL(text);
  return async (query, instances) => {
    const neighbour = await find(url.hostname);
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
