import { span } from '../../model/quantities';
import type { InstanceNow, ServiceNow } from '../../observe/fleet-now';
import { hintLine } from '../format-error';
import type { Colors } from '../terminal';
import { wayOut } from '../way-out';
import { table } from './table';

interface Look {
  colors: Colors;
  /** Milliseconds since 1970. */
  now: number;
}

/** Prints what is missing first, and then the instances of each service. Pure. */
export function renderFleet(
  { platform, services }: { platform: string; services: ServiceNow[] },
  { colors, now }: Look,
): string {
  if (services.length === 0) return `nothing of ${platform} runs here by a release\n${hintLine('belay release')}`;
  // A release that runs may have fewer for a while.
  const missing = services.flatMap(({ shortage, ...one }) =>
    shortage && !one.owner ? [`${colors.red('✗')} ${shortage}`, hintLine(wayOut({ ...one, platform }))] : [],
  );
  const unrecorded = services.flatMap(({ unrecorded, ...one }) =>
    unrecorded && !one.owner
      ? [`${colors.yellow('!')} ${one.service}: ${unrecorded}`, hintLine(wayOut({ ...one, platform }))]
      : [],
  );
  const unknown = services.flatMap((one) =>
    one.unknown ? [`${colors.yellow('!')} ${one.service}: ${one.unknown}`] : [],
  );
  const claimed = services.flatMap(({ service, owner, shortage = service }) =>
    owner ? [`${colors.yellow('!')} ${shortage}: ${owner} has it; belay status ${owner}`] : [],
  );
  const rows = services.flatMap((one) => rowsOf(one, now));
  const head = ['service', 'instance', 'version', 'state', 'health', 'traffic', 'in flight', 'since'];
  const [top = '', ...lines] = table({ head, rows, right: [6] });
  return [...missing, ...unrecorded, ...unknown, ...claimed, colors.dim(top), ...lines].join('\n');
}

function rowsOf({ service, head, instances }: ServiceNow, now: number): string[][] {
  if (instances.length === 0) return [[service, 'none', '', '', '', '', '', '']];
  return instances.map((one, index) => [
    index === 0 ? service : '',
    one.name,
    one.revision === head ? one.artifact : `${one.artifact} (r${one.revision})`,
    stateOf(one),
    one.health === 'none' ? '' : one.health,
    one.traffic ?? '',
    one.inFlight === undefined ? '' : String(one.inFlight),
    one.state === 'running' ? span(now - Date.parse(one.startedAt)) : '',
  ]);
}

function stateOf({ state, restarting, exitCode, restarts }: InstanceNow): string {
  const how = restarting ? 'restarting' : state === 'exited' && exitCode !== undefined ? `exited (${exitCode})` : state;
  return restarts > 0 ? `${how}, restarts: ${restarts}` : how;
}
