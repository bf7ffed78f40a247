import { choosesByMap } from './chosen';
import { lineOf, linesFor, readHaproxyConfig } from './sections';

/**
 * Lines by which HAProxy sends a client's requests to one certain server. A draining server keeps its clients too,
 * unless it is down.
 */
const STAYING = [['cookie'], ['stick', 'on'], ['stick', 'match'], ['use-server'], ['persist']];

/** Tells if the configuration's text keeps clients of the backend with a server, even while it drains. Pure. */
export function keepsClients(configText: string, backend: string): boolean {
  const lines = linesFor(readHaproxyConfig(configText), backend).filter((line) => !choosesByMap(line));
  return STAYING.some((words) => lineOf(lines, ...words) !== undefined);
}
