import { delimiter } from 'node:path';
import { hints } from '../../hints';
import { portIn, type ServeState, usualPorts } from './state';
import { isInUnit } from './systemd';
import { serveUnit } from './unit';

interface ServeAdvice {
  /** Folders that are served now. */
  specs: string[];
  /** Folder to serve too. */
  folder: string;
  /** Running `belay serve` of this machine, if any. */
  served?: ServeState;
}

/** Returns the exact command that serves one more folder. Running releases go on afterwards. */
export function serving({ specs, folder, served }: ServeAdvice): string {
  const folders = [...new Set([...specs, folder])];
  if (!served) return hints().workerFor(quoted(folders.join(delimiter)));
  const again = isInUnit(served.pid, serveUnit)
    ? 'belay serve --install'
    : 'belay serve --stop && belay serve --detach';
  return [again, ...portsOf(served), ...folders.map(quoted)].join(' ');
}

/** Returns the exact command by which systemd takes over from a `belay serve` that was started by hand. */
export const installing = (served: ServeState): string =>
  [
    'belay serve --stop && belay serve --install',
    ...portsOf(served),
    ...served.specs.split(delimiter).map(quoted),
  ].join(' ');

function portsOf({ address, ui }: ServeState): string[] {
  const [port, uiPort] = [portIn(address), portIn(ui)];
  return [
    ...(port === usualPorts.port ? [] : [`--port ${port}`]),
    ...(uiPort === usualPorts.uiPort ? [] : [`--ui-port ${uiPort}`]),
  ];
}

/** Quotes a text for a shell. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
