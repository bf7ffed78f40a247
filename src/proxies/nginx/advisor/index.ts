import type { Advice } from '../../advice';
import { readConfiguration } from '../configuration';
import { allNamed, type Directive, milliseconds } from '../directives';
import { written } from '../fronts';
import { adviseFronts } from './fronts';
import { adviseIdle, adviseSilent } from './idle';
import { adviseUpstream, type ServerList, upstreamOf } from './upstream';
import type { Version } from './version';

export { type Version, versionIn } from './version';

export interface Lookup {
  /** The whole configuration, as nginx prints it. */
  config: string;
  /** Absent if it is not known. */
  version?: Version;
  /** The backends with the paths of their lists. */
  lists: ServerList[];
}

/** Compares nginx's configuration with Belay's needs; the most urgent first. Pure. */
export function adviseNginx({ config, version, lists }: Lookup): Advice[] {
  const { directives } = readConfiguration(config);
  const upstreams = lists.map((list) => upstreamOf(directives, list)?.words[0] ?? list.key);
  const advice = [
    ...lists.flatMap((list) => adviseUpstream(directives, list, version)),
    ...adviseIdle(directives, version),
    ...adviseSilent(directives),
    ...adviseShutdown(directives),
    ...adviseFronts(directives, upstreams),
  ];
  return [
    ...advice.filter(({ severity }) => severity === 'must'),
    ...advice.filter(({ severity }) => severity !== 'must'),
  ];
}

function adviseShutdown(all: Directive[]): Advice[] {
  const set = allNamed(all, 'worker_shutdown_timeout').find(({ words }) => milliseconds(words[0] ?? '') > 0);
  if (!set) return [];
  const why = 'It cuts requests and streams that take longer, at every reload. The line has to go.';
  const section = set.file === undefined ? 'main block' : `main block in ${set.file}`;
  return [{ severity: 'should', section, what: written(set), why, lines: [] }];
}
