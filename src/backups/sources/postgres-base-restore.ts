import { Readable } from 'node:stream';
import type { ContainerFacts } from '../../runtimes/docker/containers';
import type { PostgresBaseBackup } from '../../spec/backups/postgres-base';
import type { Bytes, RestoreOptions } from '../source';
import { archiveOf, emptyFiles, firstFileIn, folderIn } from './archive';
import { joined } from './archive-parts';
import { archiveFolder, firstSegment, recoverySettings, replayed } from './postgres-recovery';
import { existingContainer, type Place, textInput } from './tool';
import { assertStopped, emptyFolder } from './volume';
import { readVolume } from './volume-reader';

/** The files of a stopped server. */
interface Files extends Place, Pick<RestoreOptions, 'signal'> {
  image: string;
  /** Their folder in the container. */
  data: string;
}

interface Owner {
  uid?: number;
  gid?: number;
}

/** Replaces all files of a stopped server. Its next start replays the log, and begins a new timeline. */
export async function restoreBase(
  asked: PostgresBaseBackup,
  place: Place,
  dump: Bytes,
  how: RestoreOptions,
): Promise<void> {
  const found = await existingContainer(place);
  assertStopped(place, found);
  const data = asked.data ?? found.environment.PGDATA ?? '/var/lib/postgresql/data';
  const files = { ...place, image: found.image, data, signal: how.signal };
  const owner = await replace(files, found, dump, how.scratch);
  const { until, later = [] } = how;
  await addLog(files, owner, { archives: [...later, ...(await archiveIn(asked, files))], until });
  const settings = recoverySettings(await textAt(files, 'postgresql.auto.conf'), until);
  await put(files, owner, { 'postgresql.auto.conf': settings, 'recovery.signal': '' });
}

/** Returns the owner of the files, as the backup has it. */
async function replace(files: Files, found: ContainerFacts, dump: Bytes, scratch?: true): Promise<Owner> {
  const { containers, container, data, signal } = files;
  const at = { container, path: data, signal };
  const isNew = scratch || !(await containers.has(at));
  if (isNew) await makeFolder(files, {});
  else await emptyFolder(found, at);
  const as = (path: string) => (path.startsWith(`${archiveFolder}/`) ? undefined : path);
  await containers.write(at, Readable.from(joined([{ archive: dump, as }])));
  const { uid, gid } = await folderIn(containers.read({ ...at, path: `${data}/PG_VERSION` }));
  if (isNew) await makeFolder(files, { uid, gid });
  return { uid, gid };
}

/** A server refuses a folder that others may read, and no backup has the folder itself. */
async function makeFolder({ containers, container, data, signal }: Files, owner: Owner): Promise<void> {
  const header = { ...owner, name: data.slice(1), type: 'directory' as const, mode: 0o700, size: 0 };
  await containers.write({ container, path: '/', signal }, archiveOf(textInput(''), header));
}

/** The archive of the live server, which a scratch instance does not have. */
async function archiveIn({ wal }: PostgresBaseBackup, files: Files): Promise<Bytes[]> {
  const { containers, container, image, signal } = files;
  const folder = { path: `${wal}/.`, image, signal };
  if (wal === undefined || !(await containers.has({ ...folder, container }))) return [];
  return [readVolume(files, folder)];
}

interface Log {
  archives: Bytes[];
  until?: string;
}

/** Adds the log from the archives, and marks each file of it as archived already. */
async function addLog(files: Files, owner: Owner, { archives, until }: Log): Promise<void> {
  const { containers, container, data, signal } = files;
  const from = firstSegment(await textAt(files, 'backup_label'));
  const taken = new Set<string>();
  const as = (path: string) => {
    const name = replayed(path, { from, until });
    if (name !== undefined) taken.add(name);
    return name;
  };
  const at = { container, path: `${data}/pg_wal`, signal };
  await containers.write(at, Readable.from(joined(archives.map((archive) => ({ archive, as })))));
  const marks = [...taken].map((name) => ({ ...owner, name: `archive_status/${name}.done`, mode: 0o600 }));
  await containers.write(at, emptyFiles(marks));
}

const textAt = ({ containers, container, data, signal }: Files, path: string): Promise<string> =>
  firstFileIn(containers.read({ container, path: `${data}/${path}`, signal }));

async function put({ containers, container, data, signal }: Files, owner: Owner, texts: Record<string, string>) {
  for (const [name, text] of Object.entries(texts)) {
    const header = { ...owner, name, mode: 0o600, size: Buffer.byteLength(text) };
    await containers.write({ container, path: data, signal }, archiveOf(textInput(text), header));
  }
}
