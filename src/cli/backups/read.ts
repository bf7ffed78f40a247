import type { Manifest, RecoveryFigures } from '../../backups';
import { BelayError } from '../../errors';
import { thingText } from '../../model/backed-up';
import { namesHint } from '../../spec/sentences';
import type { Context } from '../context';
import { needProject, platformOf, readSpec, type WhichPlatform } from '../project';

/** All that a place has of one thing. Values of the data are left out. */
export interface KeptThing {
  service: string;
  /** `db (postgres shop)`. */
  thing: string;
  place: string;
  /** The folder in the place. */
  row: string;
  /** Oldest first. */
  backups: KeptBackup[];
  damaged: string[];
  /** Files of backups that are being made, or were cut off. */
  loose: string[];
  figures: RecoveryFigures;
}

export type KeptBackup = Pick<
  Manifest,
  'id' | 'started' | 'ended' | 'bytes' | 'tools' | 'file' | 'release' | 'replacedBy'
> & {
  encrypted: boolean;
  verified?: { at: string; seconds: number; rows: number };
};

export interface KeptBackups {
  platform: string;
  things: KeptThing[];
}

/** Reads the places that the folder's spec names, from this machine. */
export async function readKept(context: Context, options: WhichPlatform, services: string[]): Promise<KeptBackups> {
  const { env } = options;
  const { spec } = readSpec(needProject(context, options), { env, environment: context.env });
  const { backedUpNames, desiredBackups } = require('../../resolve/backups') as typeof import('../../resolve/backups');
  refuseUnknown(services, backedUpNames({ spec }));
  const asked = desiredBackups({ spec }, services.length > 0 ? services : undefined);
  const platform = platformOf(context, options);
  return { platform, things: await Promise.all(asked.map((one) => keptOf(platform, one, context.interrupted))) };
}

type Asked = ReturnType<typeof import('../../resolve/backups').desiredBackups>[number];

async function keptOf(platform: string, asked: Asked, signal: AbortSignal): Promise<KeptThing> {
  const { folderOf, listBackups, recoveryFigures, rowOf, storeAt } =
    require('../../backups') as typeof import('../../backups');
  const store = storeAt(asked.place);
  const key = rowOf({ platform, service: asked.service }, asked.what);
  const { backups, damaged, loose } = await listBackups(store, key, signal);
  return {
    service: asked.service,
    thing: thingText(asked),
    place: store.place,
    row: folderOf(key),
    backups: backups.map(shownOf),
    damaged,
    loose,
    figures: recoveryFigures(backups, Date.now()),
  };
}

function shownOf({ recipients, verified, ...manifest }: Manifest): KeptBackup {
  const { id, started, ended, bytes, tools, file, release, replacedBy } = manifest;
  return {
    id,
    started,
    ended,
    bytes,
    tools,
    file,
    ...(release && { release }),
    ...(replacedBy && { replacedBy }),
    encrypted: recipients.length > 0,
    ...(verified && { verified: { at: verified.at, seconds: verified.seconds, rows: verified.rows } }),
  };
}

function refuseUnknown(services: string[], known: string[]): void {
  const unknown = services.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new BelayError('input-invalid', `there is no service ${unknown.join(', ')}`, {
    hint: namesHint(unknown, known, `the services with backups are ${known.join(', ')}`),
  });
}
