import { delimiter } from 'node:path';
import { hints } from '../../hints';
import type { ServeState } from './state';
import { isInUnit } from './systemd';

interface Wanted {
  /** Folders that are served now. */
  specs: string[];
  /** The one that is to be served too. */
  folder: string;
  /** The `belay serve` that runs here, where one does. */
  served?: ServeState;
}

const usual = { temporal: '7233', ui: '8233' };

/** The exact command that serves a folder beside those that are served. Releases that run go on afterwards. */
export function serving({ specs, folder, served }: Wanted): string {
  const folders = [...new Set([...specs, folder])];
  if (!served) return hints().workerFor(quoted(folders.join(delimiter)));
  const [port, uiPort] = [served.address, served.ui].map((one) => one.slice(one.lastIndexOf(':') + 1));
  const ports = [
    ...(port === usual.temporal ? [] : [`--port ${port}`]),
    ...(uiPort === usual.ui ? [] : [`--ui-port ${uiPort}`]),
  ];
  const again = isInUnit(served.pid) ? 'belay serve --install' : 'belay serve --stop && belay serve --detach';
  return [again, ...ports, ...folders.map(quoted)].join(' ');
}

/** As a shell takes it. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
