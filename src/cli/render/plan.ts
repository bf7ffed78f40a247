import {
  type Artifact,
  artifactDigest,
  artifactName,
  artifactWord,
  isOnlyHere,
  isSameArtifact,
} from '../../model/artifact';
import type { Plan, ServicePlan } from '../../model/plan';
import { span } from '../../model/quantities';
import { unnamed } from '../../model/versions';
import { isOfPlatform, wholePlatform } from '../../model/whole-platform';
import { formatDuration } from '../../spec/duration';
import { hintLine } from '../format-error';
import { numbered, type PlannedStep } from '../steps';
import type { Colors } from '../terminal';
import { renderRemovals } from './removals';
import { table } from './table';
import { renderTargets } from './targets';

/** Prints a plan for people: changes of each service, numbered steps with their needs, and warnings. Pure. */
export function renderPlan(plan: Plan, { colors, undo = false }: { colors: Colors; undo?: boolean }): string {
  if (plan.removals) return renderRemovals(plan, colors);
  const graphs = numbered(plan);
  const isOfChanges = plan.services.length > 0 || plan.steps.length === 0;
  const blocks = isOfChanges
    ? [
        ...plan.services.map((service) => serviceBlock(service, graphs, { colors, undo })),
        ...platformBlock(graphs, colors),
      ]
    : wholeBlocks(graphs, undo);
  const back = plan.targets ? [renderTargets(plan.targets, colors)] : [];
  return [
    title(plan, colors),
    ...alarms(plan.notices ?? [], colors),
    ...blocks,
    ...back,
    ...warnings(plan.warnings, colors),
  ].join('\n\n');
}

function title({ platform, host, steps, services }: Plan, colors: Colors): string {
  const name = colors.bold(platform);
  // A plan that releases no service tells nothing of what runs.
  if (steps.length === 0 && services.length === 0) return `${name}: nothing to do on ${host}`;
  if (steps.length === 0) return `${name}: nothing to do, ${host} runs what the spec asks for`;
  return `${name}: ${steps.length} steps on ${host}`;
}

/** A plan that releases no service: all of its steps in one table. */
function wholeBlocks({ steps, undo }: Graphs, withUndo: boolean): string[] {
  const back = withUndo ? [['  the way back:', ...stepTable(undo, undo)].join('\n')] : [];
  return [stepTable(steps, steps).join('\n'), ...back];
}

/** Prints a plan that is carried out now: without the steps of its services, which follow one by one. Pure. */
export function renderSummary(plan: Plan, { colors, workflowId }: { colors: Colors; workflowId: string }): string {
  if (plan.services.length === 0 || plan.steps.length === 0 || plan.removals) return renderPlan(plan, { colors });
  return [
    title(plan, colors),
    ...alarms(plan.notices ?? [], colors),
    ...plan.services.map((service) => serviceHead(service, colors).join('\n')),
    ...warnings(plan.warnings, colors),
    hintLine(`belay status ${workflowId} lists the steps`),
  ].join('\n\n');
}

interface Graphs {
  steps: PlannedStep[];
  undo: PlannedStep[];
}

function serviceBlock(plan: ServicePlan, graphs: Graphs, { colors, undo }: { colors: Colors; undo: boolean }): string {
  const own = (steps: PlannedStep[]) => steps.filter((step) => step.service === plan.service);
  if (plan.unchanged) return serviceHead(plan, colors).join('\n');
  const back = undo ? ['  the rollback:', ...stepTable(own(graphs.undo), graphs.undo)] : [];
  return [...serviceHead(plan, colors), ...stepTable(own(graphs.steps), graphs.steps, plan.usual), ...back].join('\n');
}

/** The service with its changes. */
function serviceHead(plan: ServicePlan, colors: Colors): string[] {
  if (plan.unchanged)
    return [`${colors.bold(plan.service)}  ${plan.job ? 'has run' : `revision ${plan.to.revision}`}, unchanged`];
  return [`${colors.bold(plan.service)}  ${revisions(plan)}`, ...changesOf(plan)];
}

/** Returns one block, or none. */
function platformBlock({ steps }: Graphs, colors: Colors): string[] {
  const own = steps.filter(isOfPlatform);
  return own.length === 0 ? [] : [[colors.bold(wholePlatform), ...stepTable(own, steps)].join('\n')];
}

const revisions = ({ from, to, removed, routes, job }: ServicePlan): string =>
  removed && job
    ? `revision ${from?.revision ?? 0}, taken back`
    : removed
      ? `revision ${from?.revision ?? 0}, no longer in the spec: ${routes ? 'drained and ' : ''}stopped`
      : from
        ? `revision ${from.revision} → ${to.revision}`
        : `revision ${to.revision}, its first`;

/** Returns the differences to what runs: image, number of instances, routes, environment by name. */
export function changesOf({ from, to, environment, routes, downtime, reasons = [], job }: ServicePlan): string[] {
  const names = [
    ...environment.added.map((name) => `+${name}`),
    ...environment.removed.map((name) => `-${name}`),
    ...environment.changed.map((name) => `~${name}`),
  ];
  return [
    ...artifactLines(from?.artifact, to.artifact),
    ...(job ? [] : [instancesLine(from, to)]),
    ...(reasons.length > 0 ? [`  why        ${reasons.join(', ')}`] : []),
    ...downtimeLines(downtime),
    ...(routes ? [`  routes     ${listed(routes.from)} → ${listed(routes.to)}`] : []),
    ...(names.length > 0 ? [`  env        ${names.join(' ')}`] : []),
  ];
}

const instancesLine = (from: ServicePlan['from'], to: ServicePlan['to']): string =>
  from && from.instances !== to.instances
    ? `  instances  ${from.instances} → ${to.instances}`
    : `  instances  ${to.instances}`;

/** Lines for times when a service is down. */
function downtimeLines(downtime: ServicePlan['downtime']): string[] {
  if (!downtime) return [];
  const { atMost, usual, held } = downtime;
  const about = usual ? `about ${roughly(usual)} as last time, ` : '';
  const text = `${about}${formatDuration(atMost)} at most`;
  return [
    held ? `  waits      ${text}; each request is held for ${formatDuration(held)} at most` : `  downtime   ${text}`,
  ];
}

/** To a tenth of a second: `4.4s`. */
const roughly = (ms: number): string => `${Number((ms / 1000).toFixed(1))}s`;

const listed = (routes: string[]): string => (routes.length > 0 ? routes.join(', ') : 'none');

function artifactLines(from: Artifact | undefined, to: Artifact): string[] {
  const title = artifactWord(to).padEnd(10);
  const isOne = from && isSameArtifact(from, to) && artifactName(from) === artifactName(to);
  if (!from || isOne) return [`  ${title} ${artifactText(to)}`];
  return [`  ${title} ${artifactText(from)}`, `           → ${artifactText(to)}`];
}

function artifactText(one: Artifact): string {
  const digest = artifactDigest(one);
  const about = digest && `(${shortDigest(digest)}${isOnlyHere(one) ? ', only on this host' : ''})`;
  return [artifactName(one) || unnamed, about].filter(Boolean).join(' ');
}

/** Returns enough of a digest for people to tell two apart. */
export const shortDigest = (digest: string): string => digest.slice(0, digest.indexOf(':') + 13);

function stepTable(steps: PlannedStep[], graph: PlannedStep[], usual: ServicePlan['usual'] = {}): string[] {
  const needed = needsIn(graph);
  const rows = steps.map((step) => [
    step.number,
    step.text,
    ...(Object.keys(usual).length > 0 ? [usual[step.kind] === undefined ? '' : span(usual[step.kind]!)] : []),
    [step.undoes && `undoes ${step.undoes}`, ...needed(step)].filter(Boolean).join(', '),
  ]);
  return table({ rows, right: Object.keys(usual).length > 0 ? [0, 2] : [0] }).map((line) => `  ${line}`);
}

/** Returns what a step needs, as `needs 3-11`, then `web 14-16` for steps of other services that stand below it. */
function needsIn(graph: PlannedStep[]): (step: PlannedStep) => string[] {
  const known = new Map(graph.map(({ number, service }, place) => [number, { service, place }]));
  return ({ number, needs }) => {
    const groups = new Map<string, string[]>([['', []]]);
    for (const need of needs) {
      const { service, place } = known.get(need)!;
      const group = place > known.get(number)!.place && service !== known.get(number)!.service ? service : '';
      groups.set(group, [...(groups.get(group) ?? []), need]);
    }
    const said = [...groups].filter(([, all]) => all.length > 0).map(([of, all]) => `${of && `${of} `}${ranges(all)}`);
    return said.map((one, index) => (index === 0 ? `needs ${one}` : one));
  };
}

/** Returns `1 2 3 5` as `1-3 5`; numbers of the rollback keep their letter. Pure. */
export function ranges(numbers: string[]): string {
  const prefix = /^\D*/.exec(numbers[0] ?? '')![0];
  const sorted = numbers.map((one) => Number(one.slice(prefix.length))).sort((a, b) => a - b);
  const runs: Array<[number, number]> = [];
  for (const one of sorted) {
    const last = runs.at(-1);
    if (last && one === last[1] + 1) last[1] = one;
    else runs.push([one, one]);
  }
  return runs
    .map(([first, last]) => (first === last ? `${prefix}${first}` : `${prefix}${first}-${prefix}${last}`))
    .join(' ');
}

/** Returns one block, or none. */
export const alarms = (list: string[], colors: Colors): string[] =>
  list.length === 0 ? [] : [list.map((one) => `${colors.yellow('!')} ${colors.bold(one)}`).join('\n')];

/** Returns one block, or none. */
export function warnings(list: string[], colors: Colors): string[] {
  return list.length === 0 ? [] : [list.map((one) => `${colors.yellow('!')} ${one}`).join('\n')];
}
