import type { Desired, DesiredConfig } from '../model/desired';
import type { ConfigStep, Step, StepKind } from '../model/plan';
import { isRemoval } from '../model/task';
import { type StepContext, stepMaker } from './graph';
import type { ServiceGraph } from './order';

/**
 * Returns the graphs with the step that writes configuration files. It comes once everything is pulled, and before any
 * configuration is resolved. On the way back it comes before all else: former instances mount the files again. A
 * folder's files belong to all of its services, and the step to one of them.
 */
export function withConfig(
  graphs: ServiceGraph[],
  { config, lasting }: Pick<Desired, 'config'> & { lasting: string[] },
): ServiceGraph[] {
  const changed = graphs.filter(({ service, steps }) => steps.length > 0 && !isRemoval(service));
  // A service that stays takes no step back.
  const owner = changed.find(({ service }) => !lasting.includes(service.service)) ?? changed[0];
  if (!config || !owner) return graphs;
  const context = contextOf(owner);
  const write = stepMaker(context, 'forward')('config', {
    ...config,
    restore: false,
    needs: idsOf(graphs, 'steps', ['preflight', 'pull']),
  });
  const back = stepMaker(context, 'undo')('config', {
    ...config,
    restore: true,
    undoes: write.id,
    needs: idsOf(graphs, 'undo', ['claim']),
  });
  return withSteps(graphs, owner, [write]).map((graph) => {
    const steps = graph.steps.map((step) => recording(step, config));
    const undo = graph.undo.map((step) => (step.kind === 'claim' ? step : after(step, back.id)));
    if (graph.service !== owner.service) return { ...graph, steps, undo };
    const [claim, ...others] = undo;
    return { ...graph, steps, undo: [claim!, back, ...others] };
  });
}

/** Returns the graphs of a rollback with the steps that put configuration files back, the latest release's first. */
export function withRestores(graphs: ServiceGraph[], { restores = [] }: Pick<Desired, 'restores'>): ServiceGraph[] {
  const owner = graphs.find(({ steps }) => steps.length > 0);
  if (!owner) return graphs;
  const make = stepMaker(contextOf(owner), 'forward');
  const steps: ConfigStep[] = [];
  for (const config of restores) {
    const needs = [...idsOf(graphs, 'steps', ['preflight', 'pull']), ...steps.slice(-1).map(({ id }) => id)];
    steps.push(make('config', { name: config.at, ...config, restore: true, needs }));
  }
  return withSteps(graphs, owner, steps);
}

const contextOf = ({ service, steps }: ServiceGraph): StepContext => ({ ...steps[0]!, desired: service });

/** Returns the graphs with these steps of one of them, before any instance can change. */
function withSteps(graphs: ServiceGraph[], owner: ServiceGraph, more: ConfigStep[]): ServiceGraph[] {
  const last = more.at(-1);
  if (!last) return graphs;
  const prepared = idsOf(graphs, 'steps', ['preflight', 'pull']);
  return graphs.map((graph) => {
    const isFollower = ({ kind, needs }: Step) => kind !== 'pull' && needs.some((id) => prepared.includes(id));
    const steps = graph.steps.map((step) => (isFollower(step) ? after(step, last.id) : step));
    return { ...graph, steps: graph === owner ? steps.toSpliced(steps.findIndex(isFollower), 0, ...more) : steps };
  });
}

/** The ledger keeps what a release writes, so that a later rollback can put the former files back. */
const recording = (step: Step, config: DesiredConfig): Step =>
  step.kind === 'claim' && step.pending ? { ...step, pending: { ...step.pending, config } } : step;

const after = (step: Step, id: string): Step => ({ ...step, needs: [...step.needs, id] });

const idsOf = (graphs: ServiceGraph[], way: 'steps' | 'undo', kinds: StepKind[]): string[] =>
  graphs.flatMap((graph) => graph[way].flatMap(({ id, kind }) => (kinds.includes(kind) ? [id] : [])));
