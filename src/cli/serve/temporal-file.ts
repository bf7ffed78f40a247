import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { BelayError } from '../../errors';
import { peekFence } from '../../hosts/fence';
import { readText, writeAtomic } from '../../hosts/file';
import type { ServiceKey } from '../../hosts/home';
import { createLedger, type ServiceLedger } from '../../hosts/ledger';
import { runProgram } from '../../run-program';

/** Temporal's file, whose schema depends on the server's version. */
export interface TemporalFile {
  /** Path of the database; `<database>.version` names the server that wrote it. */
  database: string;
  /** Path of the temporal command. */
  program: string;
  /** BELAY_HOME, whose ledger tells if a release is open. */
  home: string;
}

const parts = ['-wal', '-shm', ''];

/**
 * Ensures that this program can use the file. A file of another version is set aside, since the ledger holds all that
 * releases need. Returns a notice. Throws `input-invalid` while it holds an open release.
 */
export async function fitTemporalFile({ database, program, home }: TemporalFile): Promise<string | undefined> {
  const beside = `${database}.version`;
  const now = await versionOf(program);
  if (now === undefined) return undefined;
  const before = (await readText(beside))?.trim();
  const isOther = before !== undefined && before !== now && existsSync(database);
  if (isOther) {
    const open = await openIn(home);
    if (open.length > 0) throw heldBy(open, { database, program, before, now });
    for (const part of parts) await setAside(`${database}${part}`, `${database}.${before}${part}`);
  }
  if (before !== now) await writeAtomic({ path: beside, data: `${now}\n` });
  return isOther
    ? `Temporal's file was written by server ${before}, and ${program} is server ${now}: a new file is started, and the former is kept as ${database}.${before}; revisions are in the ledger`
    : undefined;
}

/** Returns the program's server version, `1.32.0`; undefined if unknown. The start reports a broken program. */
async function versionOf(program: string): Promise<string | undefined> {
  const { code, output } = await runProgram({ command: program, args: ['--version'], timeout: 10_000 });
  return code === 0 ? serverVersion(output) : undefined;
}

/** Parses `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`. Pure. */
export const serverVersion = (said: string): string | undefined => /Server (\d[\w.+-]*)/.exec(said)?.[1];

/** Returns workflows that hold a service of this host, and warm sets that a timer of Temporal ends. */
async function openIn(home: string): Promise<string[]> {
  const ledger = createLedger({ home });
  const keys = await Promise.all(
    (await ledger.platforms()).map(async (platform) =>
      (await ledger.services(platform)).map((service) => ({ platform, service })),
    ),
  );
  const fences = await Promise.all(keys.flat().map((key) => peekFence({ home, ...key })));
  const warm = await Promise.all(keys.flat().map((key) => warmSet(ledger.of(key), key)));
  return [...new Set([...fences.flatMap((fence) => fence?.owner?.workflowId ?? []), ...warm.flat()])];
}

async function warmSet(ledger: ServiceLedger, { platform, service }: ServiceKey): Promise<string[]> {
  const head = await ledger.head();
  const { desired, task, previous, endedAt } = (head && (await ledger.revision(head))) || {};
  const keepsOne = previous !== undefined && task?.kind === 'run';
  const warm = keepsOne && desired?.strategy.kind === 'blue-green' ? desired.strategy.warm : 0;
  const until = Date.parse(endedAt ?? '') + warm;
  return until > Date.now()
    ? [`the former set of ${platform}/${service}, warm until ${new Date(until).toISOString()}`]
    : [];
}

async function setAside(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

interface Versions {
  database: string;
  program: string;
  before: string;
  now: string;
}

const heldBy = (open: string[], { database, program, before, now }: Versions): BelayError =>
  new BelayError(
    'input-invalid',
    `Temporal's server ${before} has written ${database}, and ${program} is server ${now}; still open in that file: ${open.join(', ')}`,
    {
      hint: `until they end, let BELAY_TEMPORAL name a temporal command of server ${before}; afterwards belay serve starts a new file`,
    },
  );
