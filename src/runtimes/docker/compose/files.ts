import { BelayError } from '../../../errors';
import type { InstanceFile } from '../create-options';
import type { ComposeFile, ComposeProject, ComposeService, FileUse } from './project';

/** Secrets and configs whose text is known: the runtime writes them into the instance, as Compose does. */
export function instanceFiles(project: ComposeProject, service: ComposeService): InstanceFile[] {
  const secrets = uses(service.secrets, project.secrets).filter(({ file }) => file.environment !== undefined);
  const configs = uses(service.configs, project.configs).filter(({ file }) => file.environment ?? file.content);
  return [
    ...secrets.map(({ use, file }) => instanceFile(project, { use, file, path: secretTarget(use) })),
    ...configs.map(({ use, file }) => instanceFile(project, { use, file, path: configTarget(use) })),
  ];
}

/** Each used secret or config, with its declaration in the project. */
export function uses(given: FileUse[] = [], declared: Record<string, ComposeFile>) {
  return given.flatMap((use) => {
    const file = declared[use.source];
    return file ? [{ use, file }] : [];
  });
}

export const secretTarget = ({ source, target }: FileUse): string => within('/run/secrets/', target || source);
export const configTarget = ({ source, target }: FileUse): string => within('/', target || source);

const within = (folder: string, path: string) => (path.startsWith('/') ? path : `${folder}${path}`);

const readable = 0o444;

function instanceFile(
  project: ComposeProject,
  { use, file, path }: { use: FileUse; file: ComposeFile; path: string },
): InstanceFile {
  const { uid, gid, mode = readable } = use;
  const text = file.environment === undefined ? file.content! : variable(project, file.environment);
  return { path, text, mode, ...((uid || gid) && { owner: { uid: Number(uid ?? 0), gid: Number(gid ?? 0) } }) };
}

function variable(project: ComposeProject, name: string): string {
  const value = project.given.variables[name];
  if (value !== undefined) return value;
  throw new BelayError(
    'compose-invalid',
    `${project.file}: the variable ${name}, which a secret or config is made of, is not set`,
    {
      hint: `set ${name} in .env, or in the environment of the worker`,
    },
  );
}
