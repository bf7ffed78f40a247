import { BelayError } from '../errors';
import type { DesiredService } from '../model/desired';
import type { ObservedService } from '../model/observed';
import type { Step } from '../model/plan';
import { stepMaker } from './graph';
import type { ServiceGraph } from './order';

/**
 * Returns the graph with a drill of the new version: after its configuration, and before anything of the service
 * changes. A version that is taken again or restarted was drilled before. The way back removes what a drill has left.
 * @throws BelayError `preflight-failed` if its instance would find no port.
 */
export function withDrill(graph: ServiceGraph, seen: ObservedService): ServiceGraph {
  const { service, steps, undo } = graph;
  const configure = steps.find((step) => step.kind === 'configure');
  if (!service.drill || service.task.kind !== 'run' || !configure || configure.kept !== undefined) return graph;
  refuseFewPorts(service, seen);
  const place = { ...configure, desired: service };
  const { revision, id } = configure;
  const drill = stepMaker(place, 'forward')('drill', {
    image: service.artifact,
    revision,
    scenario: service.drill,
    needs: [id],
  });
  const isFollower = ({ needs }: Step) => needs.includes(id);
  const followers = steps.map((step) => (isFollower(step) ? { ...step, needs: [...step.needs, drill.id] } : step));
  const at = steps.indexOf(configure) + 1;
  return {
    ...graph,
    steps: [...followers.slice(0, at), drill, ...followers.slice(at)],
    undo: undone(undo, drill, place),
  };
}

/** The drill comes before the first instance stops: it takes a port that none of them has. */
function refuseFewPorts({ service, hostPorts = [], ports }: DesiredService, { instances }: ObservedService): void {
  if (hostPorts.length === 0) return;
  const taken = instances.flatMap((one) => [...Object.values(one.ports), ...one.published]);
  const free = hostPorts.filter((port) => !taken.includes(port));
  if (free.length >= Math.max(1, ports.length)) return;
  throw new BelayError(
    'preflight-failed',
    `${service}: drill: before finds no free port: its instances are at ${hostPorts.join(', ')}`,
    { hint: 'write one more into ports: the instance of a drill takes it for a while' },
  );
}

function undone(undo: Step[], drill: Step & { kind: 'drill' }, place: Parameters<typeof stepMaker>[0]): Step[] {
  const claim = undo.find(({ kind }) => kind === 'claim')!;
  const { image, scenario } = drill;
  const fields = { image, scenario, remove: true as const, undoes: drill.id, needs: [claim.id] };
  const removal = stepMaker(place, 'undo')('drill', fields);
  const rest = undo.map((step) => (step.kind === 'record' ? { ...step, needs: [...step.needs, removal.id] } : step));
  const at = rest.findIndex(({ id }) => id === claim.id) + 1;
  return [...rest.slice(0, at), removal, ...rest.slice(at)];
}
