import type { Finding } from '../../src/checks/finding';
import type { Deps } from '../../src/host';
import type { Plan } from '../../src/model/plan';
import { fitness } from '../../src/observe/fitness';

/** Returns what the preflights of a plan would find now, for a plan that is only shown. Changes nothing. */
export async function unfitness(deps: Pick<Deps, 'home' | 'runtimeOf'>, plan: Plan): Promise<string[]> {
  const preflights = plan.steps.flatMap((step) => (step.kind === 'preflight' ? [step] : []));
  const found = await Promise.all(preflights.map((step) => fitness(deps, { ...step, platform: plan.platform })));
  const news = found.flat().filter(({ state }) => state !== 'ok');
  return [...new Set(news.map(textOf))];
}

const textOf = ({ state, text, hint }: Finding): string =>
  `${state === 'fail' ? 'a release ends before its first change: ' : ''}${text}${hint ? `; ${hint}` : ''}`;
