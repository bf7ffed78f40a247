import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { BelayError } from '../../errors';
import { writeAtomic } from '../../hosts/file';
import { readHaproxyConfig } from './sections';

const DRAINING = 0x18;
const MAINTENANCE = 0x23;
const NAME_GIVEN = 0x40;

/** Returns the path to advise for a file that Belay writes; `name` is the proxy's if it has another HAProxy beside it. */
export const advisedFile = (file: 'sets.map' | 'server-state', name?: string): string =>
  `/var/lib/haproxy/${name === undefined ? '' : `${name}-`}${file}`;

/** Returns the path of the configuration's server-state file. Throws `proxy-refused` if it names none. */
export async function stateFileOf(configPath: string): Promise<string> {
  const text = await readConfig(configPath);
  const path = stateFileIn(text);
  if (path !== undefined) return path;
  throw unfit(
    `${configPath} names no server-state file, so a change of HAProxy would not survive its restart`,
    'Add "server-state-file /var/lib/haproxy/server-state" to its global section; "belay doctor" shows all lines it needs.',
  );
}

/** Returns the configuration's text. Throws `proxy-refused`. */
export const readConfig = (configPath: string): Promise<string> =>
  readFile(configPath, 'utf8').catch((error: Error) => {
    throw unfit(
      `HAProxy's configuration cannot be read: ${error.message}`,
      'Correct "config" of the proxy in belay.yaml.',
    );
  });

/** Returns the absolute path of `server-state-file`, or undefined if it is missing or unknown. */
export function stateFileIn(configText: string): string | undefined {
  const globals = readHaproxyConfig(configText).sections.filter(({ kind }) => kind === 'global');
  const last = (keyword: string) => globals.flatMap(({ lines }) => lines).findLast(([word]) => word === keyword)?.[1];
  const file = last('server-state-file');
  const path = file && !isAbsolute(file) ? join(last('server-state-base') ?? '', file) : file;
  return path && isAbsolute(path) ? path : undefined;
}

/**
 * Writes the reply to `show servers state` to the file that HAProxy reads at its start. It writes a temporary file,
 * then renames it.
 */
export async function writeState(path: string, dump: string): Promise<void> {
  try {
    await writeAtomic({ path, data: forgetChecks(dump), mode: 0o644 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const hint = `Let this user write ${path} and its folder, then retry: the change stands, and is lost when HAProxy restarts.`;
    throw unfit(`HAProxy's state could not be written to ${path}: ${why}`, hint, error);
  }
}

/**
 * Resets the check results of draining servers to "not checked yet". A reload brings such a server up by the file's
 * result, though it may be a former occupant's. Now the new worker's first check decides.
 */
export function forgetChecks(dump: string): string {
  return eachServer(dump, (row) => {
    const admin = Number(row.srv_admin_state);
    if ((admin & DRAINING) === 0 || (admin & MAINTENANCE) !== 0) return row;
    return { ...row, srv_check_status: '1', srv_check_result: '0' };
  });
}

/**
 * Marks the names as set at run time: HAProxy takes a name from the file only with that flag. A worker that read it
 * there does not set the flag again. So a second reload would restore the configuration's name. The address for checks
 * is left to the next configuration.
 */
export function rememberNames(dump: string): string {
  return eachServer(dump, (row) =>
    row.srv_fqdn === undefined || row.srv_fqdn === '-'
      ? row
      : { ...row, srv_admin_state: String(Number(row.srv_admin_state) | NAME_GIVEN), srv_check_port: '0' },
  );
}

function eachServer(dump: string, change: (row: Record<string, string>) => Record<string, string>): string {
  const [version = '', head = '', ...rows] = dump.trimEnd().split('\n');
  const names = head.replace(/^# /, '').split(' ');
  const written = rows.map((row) => {
    const cells = row.split(' ');
    const changed = change(Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])));
    return names.map((name) => changed[name]).join(' ');
  });
  return `${[version, head, ...written].join('\n')}\n`;
}

function unfit(message: string, hint: string, cause?: unknown): BelayError {
  return new BelayError('proxy-refused', message, { hint, cause });
}
