import type { Plan, Removal } from '../../model/plan';
import { sizeText } from '../../model/quantities';
import type { Colors } from '../terminal';
import { ranges, warnings } from './plan';
import { table } from './table';

/** Prints the removals of a drop or a prune, service by service. Pure. */
export function renderRemovals(plan: Plan, colors: Colors): string {
  const { removals = [], host, platform } = plan;
  const where = platform === '*' ? host : `${platform} on ${host}`;
  const title = removals.length === 0 ? `${colors.bold(where)}: nothing to remove` : `${colors.bold(where)}: to remove`;
  return [title, ...removals.map((one) => block(one, colors)), ...total(plan), ...warnings(plan.warnings, colors)].join(
    '\n\n',
  );
}

function block(removal: Removal, colors: Colors): string {
  const { platform, service, instances, proxies, servers, images, configurations, logs, leftovers } = removal;
  const facts: Array<[string, string[]]> = [
    ['containers', instances],
    ['proxies', proxies],
    ['traffic at', servers],
    ['images', images.map(({ tag, bytes }) => `${tag} (${sizeText(bytes)})`)],
    ['revisions', configurations.length > 0 ? [ranges(configurations.map(String))] : []],
    ['logs', counted(logs, 'file')],
    ['leftovers', counted(leftovers, 'file')],
  ];
  const rows = facts.flatMap(([what, list]) => (list.length > 0 ? [[`  ${what}`, list.join(', ')]] : []));
  return [colors.bold(`${platform}/${service}`), ...(rows.length > 0 ? table({ rows }) : ['  its ledger'])].join('\n');
}

const counted = (list: string[], what: string): string[] =>
  list.length === 0 ? [] : [`${list.length} ${what}${list.length === 1 ? '' : 's'}`];

/** Images that share layers, or that a container uses, free less. */
function total({ removals = [] }: Plan): string[] {
  const bytes = removals.flatMap(({ images }) => images).reduce((sum, one) => sum + one.bytes, 0);
  return bytes > 0 ? [`up to ${sizeText(bytes)} of images`] : [];
}
