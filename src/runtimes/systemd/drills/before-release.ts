import type { SourceFacts } from '../../runtime';
import type { KnownService } from '../known';
import { drillProblem } from './problem';

/** Says before a release changes anything that its drill would refuse the unit. Pure. */
export function drillProblems({
  service,
  unit,
  lines,
  state,
  sockets,
}: Pick<KnownService, 'service' | 'unit' | 'lines' | 'state' | 'sockets'>): SourceFacts['problems'] {
  if (!service.drill?.when) return [];
  const one = unit.replace('@.', `@${service.ports?.[0] ?? 0}.`);
  const hasFiles = service.artifact !== undefined;
  const ports = service.ports ?? service.routes.map(({ port }) => port);
  const why = drillProblem({ lines, unit: one, triggers: state.triggers, hasFiles, sockets, ports });
  if (why === undefined) return [];
  return [
    {
      why: `drill: before: a second instance of ${unit} cannot run: ${why}`,
      hint: 'leave drill out, or see docs/drill.md for units that can be drilled',
    },
  ];
}
