import { BelayError } from '../errors';
import type { DesiredService } from '../spec/desired';
import type { Step, StepKind } from '../spec/plan';

/** The steps of one service of a release, there and back. */
export interface ServiceGraph {
  service: DesiredService;
  steps: Step[];
  undo: Step[];
}

/** With these a release succeeds. */
const decisive: StepKind[] = ['validate', 'retire', 'swap', 'switch', 'weigh', 'soak', 'approve', 'publish'];
/** With these an instance has come in. */
const entering: StepKind[] = ['probe', 'swap', 'switch'];
/** What comes before anything is changed. */
const preparing: StepKind[] = ['claim', 'preflight', 'pull', 'configure', 'proxy'];
const concluding: StepKind[] = ['record', 'warm', 'cleanup'];

/**
 * All services' steps in one graph. Claims one after the other, in the order of the services' names, so that two releases
 * never hold what the other one waits for; a service comes after those it depends on; nothing is recorded before everything
 * has succeeded.
 */
export function orderRelease(graphs: ServiceGraph[]): Step[] {
  const all = graphs.flatMap(({ steps }) => steps);
  const claims = all.filter((step) => step.kind === 'claim').map((step) => step.id);
  const isWatch = (step: Step) => step.kind === 'validate' && step.until !== undefined;
  const staying = graphs.filter(({ service }) => !service.removed).flatMap(({ steps }) => steps);
  const success = staying
    .filter((step) => (decisive.includes(step.kind) || entering.includes(step.kind)) && !isWatch(step))
    .map((step) => step.id);
  const decided = all.filter(({ kind }) => decisive.includes(kind)).map((step) => step.id);
  const probed = all.filter((step) => step.kind === 'probe' && step.of !== undefined).map((step) => step.id);
  return graphs.flatMap(({ service, steps }) => {
    const prepared = steps.filter(({ kind }) => preparing.includes(kind)).map(({ id }) => id);
    const before = service.removed
      ? success.filter((id) => !steps.some((step) => step.id === id))
      : (service.after ?? []).flatMap((one) => milestone(graphs, one));
    return steps.map((step) => {
      if (step.kind === 'claim') return { ...step, needs: claims.slice(0, claims.indexOf(step.id)).slice(-1) };
      if (step.kind === 'preflight') return { ...step, needs: [claims.at(-1)!] };
      if (step.kind === 'record') return { ...step, needs: unique([...step.needs, ...decided, ...probed]) };
      // What served until now is taken away only once nothing can turn the release any more but its record.
      if (step.kind === 'proxy' && !step.front) return { ...step, needs: unique([...step.needs, ...success]) };
      const begins = !preparing.includes(step.kind) && !concluding.includes(step.kind);
      return begins && step.needs.some((id) => prepared.includes(id))
        ? { ...step, needs: unique([...step.needs, ...before]) }
        : step;
    });
  });
}

/** On the way back a service is taken back after those that depend on it. */
export function orderUndo(graphs: ServiceGraph[]): Step[] {
  return graphs.flatMap(({ service, undo }) => {
    const dependents = graphs.filter((one) => one.service.after?.some((before) => before.service === service.service));
    const first = dependents.flatMap((one) => one.undo.filter(isMove).map((step) => step.id));
    return undo.map((step) => (isMove(step) ? { ...step, needs: unique([...step.needs, ...first]) } : step));
  });
}

const isMove = ({ kind }: Step): boolean => !preparing.includes(kind) && !concluding.includes(kind);
const unique = (ids: string[]): string[] => [...new Set(ids)];

/** The steps after which what depends on a service may begin; none where the release leaves it as it is. */
function milestone(graphs: ServiceGraph[], { service, condition }: { service: string; condition: string }): string[] {
  const steps = graphs.find((one) => one.service.service === service)?.steps ?? [];
  const kinds: StepKind[] = condition === 'started' ? ['launch'] : entering;
  return steps
    .filter((step) => kinds.includes(step.kind) || (condition !== 'started' && step.kind === 'validate' && step.smoke))
    .map((step) => step.id);
}

/** Services in an order in which each comes after what it depends on, else by name. Throws `spec-invalid` for a cycle, by its names. */
export function inOrder(services: DesiredService[]): DesiredService[] {
  const sorted = [...services].sort((a, b) => (a.service < b.service ? -1 : 1));
  const done: DesiredService[] = [];
  const visit = (one: DesiredService, path: string[]): void => {
    if (done.includes(one)) return;
    if (path.includes(one.service)) throw cycle([...path.slice(path.indexOf(one.service)), one.service]);
    for (const { service } of one.after ?? []) {
      const before = sorted.find((other) => other.service === service);
      if (before) visit(before, [...path, one.service]);
    }
    done.push(one);
  };
  for (const one of sorted) visit(one, []);
  return done;
}

const cycle = (names: string[]): BelayError =>
  new BelayError('spec-invalid', `services depend on each other in a circle: ${names.join(' → ')}`, {
    hint: 'take one of these out of depends_on or needs',
  });
