import { join } from 'node:path';
import { specWays } from '../config/ways';
import { asBelayError, BelayError } from '../errors';
import type { Project } from '../project/project';
import { isSystemd } from '../spec/spec';
import { type OpenFile, openFile, type ReadExample } from './open';
import { migrated, type Outcome } from './outcome';

/** A configuration file that is not at the version's example yet. */
export interface PendingFile {
  name: string;
  from: string;
  /** The file as it is to be. Values may be secrets. */
  text: string;
  keys: string[];
}

export interface PendingConfig {
  files: PendingFile[];
  warnings: string[];
}

/**
 * Compares the configuration files of the spec with the examples of the version to release. Throws `preflight-failed`
 * where a key needs a decision first.
 */
export async function pendingConfig(project: Project, inImage: ReadExample): Promise<PendingConfig> {
  const looks = await Promise.all(Object.keys(project.spec.config ?? {}).map((name) => lookAt(project, name, inImage)));
  const open = looks.flatMap((one) => one.open ?? []);
  if (open.length > 0)
    throw new BelayError('preflight-failed', open.join('; '), {
      hint: 'belay migrate, in the folder on the host, shows each with its ways out',
    });
  const files = looks.flatMap(({ file }) => file ?? []);
  const warnings = looks.flatMap(({ warning }) => warning ?? []);
  const left = files.filter((one) => isUnseen(project, one));
  return {
    files: files.filter((one) => !left.includes(one)),
    warnings: [...warnings, ...left.map(leftWarning)],
  };
}

/** A plan cannot see what the file would change of a unit, nor of a service that names it by its absolute path. */
const isUnseen = ({ folder, spec, reads }: Project, { name }: PendingFile): boolean =>
  Object.values(spec.services).some(isSystemd) || join(folder, name) in reads.files;

/** The warning about a file that the release leaves as it is. */
export const leftWarning = ({ name, from, keys }: PendingFile): string =>
  `${name} is not at ${from} yet (${keys.join(', ')}): belay migrate --write takes it there`;

/** Opens one configuration file of the spec. Throws `input-invalid` for what is missing. */
export const openConfig = ({ folder, spec, files }: Project, name: string, inImage: ReadExample): Promise<OpenFile> =>
  openFile(
    {
      name,
      path: join(folder, name),
      folder,
      rules: spec.config![name]!,
      ways: specWays,
      compose: spec.compose,
      sent: files,
    },
    { cwd: folder, env: process.env, inImage },
  );

/** Each key that needs a decision, with its ways out. */
function decisions(name: string, { findings }: Outcome): string {
  const open = findings.filter(({ action }) => action === 'decide');
  return open.map(({ key, hint }) => `${name}: ${key} needs a decision${hint ? `: ${hint}` : ''}`).join('; ');
}

const noFormer = (name: string): string =>
  `${name}: there is no former example (${name}.base), so changed defaults are not seen: belay migrate --write keeps one for the next version`;

interface Look {
  file?: PendingFile;
  open?: string;
  warning?: string;
}

async function lookAt(project: Project, name: string, inImage: ReadExample): Promise<Look> {
  const { from: path, image } = project.spec.config![name]!;
  const from = image === undefined ? path : `${image}:${path}`;
  const open = await openConfig(project, name, inImage).catch(asBelayError);
  // A secret that only the operator's shell has, or an example that is not on this host.
  if (open instanceof BelayError) return { warning: `${open.message}: ${name} was not compared with ${from}` };
  const { outcome, text } = migrated(open, project.folder);
  const keysOf = (isMeant: (action: string) => boolean): string[] => [
    ...new Set(outcome.findings.filter(({ action }) => isMeant(action)).map(({ key }) => key)),
  ];
  if (outcome.refused) return { open: decisions(name, outcome) };
  const known = open.was === undefined && open.before !== undefined ? { warning: noFormer(name) } : {};
  if (!outcome.changes) return known;
  return { ...known, file: { name, from, text, keys: keysOf((one) => one !== 'none') } };
}
