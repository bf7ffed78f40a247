import { lineOf, linesFor, readHaproxyConfig } from './sections';

/** Lines by which HAProxy gives a request to one certain server: to one that drains too, unless it is down. */
const STAYING = [['cookie'], ['stick', 'on'], ['stick', 'match'], ['use-server'], ['persist']];

/** Whether the backend has one of them, from the text of the configuration. Pure. */
export function keepsClients(configText: string, backend: string): boolean {
  const lines = linesFor(readHaproxyConfig(configText), backend);
  return STAYING.some((words) => lineOf(lines, ...words) !== undefined);
}
