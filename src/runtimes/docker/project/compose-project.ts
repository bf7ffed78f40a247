import { BelayError } from '../../../errors';
import { reader } from '../../../project/files';
import { openIncomplete, type Project } from '../../../project/project';
import { dockerServices, type Spec } from '../../../spec/spec';
import { type ComposeSource, imageSource, readCompose, readComposeNames } from '../compose/compose-config';
import type { ComposeProject } from '../compose/project';
import { type Copies, withCopies } from './copies';
import { openTexts } from './interpolated';

type Names = Pick<ComposeProject, 'name' | 'networks' | 'volumes'>;

/**
 * The Compose project of a spec, with or without a Compose file. An environment keeps the project name of its own files
 * if the base files give another. Else it has its platform's name. Throws `compose-invalid`.
 */
export async function composeProject(project: Project, { hashes }: { hashes: boolean }): Promise<ComposeProject> {
  const base = project.env === undefined ? undefined : await namesOf(project, undefined);
  return await withCopies(project, async (copies) => {
    const source = { ...sourceOf(project, copies), withoutHashes: !hashes };
    if (project.env === undefined) return await readCompose(source);
    const { name } = await readComposeNames(source);
    const isOwn = base !== undefined && name !== base.name;
    if (isOwn) await refuseTaken(project, { name, base });
    const own = await readCompose({ ...source, ...(isOwn ? {} : { project: project.spec.platform }) });
    return { ...own, warnings: [...own.warnings, ...shared(own, base)] };
  });
}

/** The files, variables and folder that Compose reads for the project. */
export function sourceOf({ folder, spec, set, reads, overlay }: Project, copies: Copies): ComposeSource {
  const { compose: file, env_files: envFiles, platform } = spec;
  const names = [...new Set([...reads.variables, ...reads.set])];
  const more = { overlay, variables: set, ask: { names, texts: openTexts(spec) } };
  if (file) return { folder, file, copies, envFiles, ...more };
  return { ...imageSource({ folder, platform, services: imageServices(spec), envFiles }), ...more };
}

const imageServices = (spec: Spec) =>
  Object.fromEntries(
    Object.entries(dockerServices(spec)).map(([name, { image, env, volumes }]) => [
      name,
      { image: image!, env, volumes },
    ]),
  );

/**
 * The names that Compose uses in another environment of the folder; undefined where that environment's files cannot be
 * read.
 */
async function namesOf(
  { folder, files }: Project,
  env: string | undefined,
): Promise<(Names & { platform: string }) | undefined> {
  try {
    const { project } = openIncomplete({ folder, files, env });
    const read = reader({ folder });
    const env_files = project.spec.env_files?.filter((name) => read(name) !== undefined);
    const there = { ...project, spec: { ...project.spec, env_files } };
    const names = await withCopies(there, (copies) => readComposeNames(sourceOf(there, copies)));
    return { ...names, platform: project.spec.platform };
  } catch {
    return undefined;
  }
}

async function refuseTaken(project: Project, { name, base }: { name: string; base: Names }): Promise<void> {
  const others = Object.keys(project.spec.environments ?? {}).filter((env) => env !== project.env);
  for (const env of others) {
    const other = await namesOf(project, env);
    const theirs = other?.name === base.name ? other.platform : other?.name;
    if (theirs !== name) continue;
    throw new BelayError(
      'compose-invalid',
      `the environments ${project.env} and ${env} have one Compose project, ${name}`,
      { hint: 'give each a COMPOSE_PROJECT_NAME of its own in its env file, or name none' },
    );
  }
}

/** Names that the files set outright: every Compose project of the folder would share them. */
function shared(own: Names, base: Names | undefined): string[] {
  const names = (declared: Record<string, { name: string; external?: boolean }>): string[] =>
    Object.values(declared).flatMap((one) => (one.external ? [] : [one.name]));
  const both = (kind: 'networks' | 'volumes') => {
    const theirs = new Set(names(base?.[kind] ?? {}));
    return names(own[kind]).filter((name) => theirs.has(name));
  };
  const line = (kind: string, name: string) =>
    `every environment shares the ${kind} ${name}: leave its name out, or take it from an env file`;
  return [
    ...both('networks').map((name) => line('network', name)),
    ...both('volumes').map((name) => line('volume', name)),
  ];
}
