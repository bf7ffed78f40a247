import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { asBelayError, BelayError } from '../../errors';
import { type ComposeSource, readCompose, readProfiles } from '../../runtimes/docker/compose/compose-config';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import { foundFiles } from '../../spec/compose-files';
import { readerOf } from '../project';

/** Reads the project. Throws `compose-invalid` as `readCompose`, with what helps somebody who is new to it. */
export async function readProject(source: ComposeSource, environment: NodeJS.ProcessEnv): Promise<ComposeProject> {
  const project = await readCompose(source).catch((error: unknown) => {
    const { code, message, hint } = asBelayError(error);
    const better = exampleToCopy(message, source.folder) ?? filesToAdd(message, source, environment) ?? hint;
    throw new BelayError(code, message, { hint: better, cause: error });
  });
  if (Object.keys(project.services).length === 0) await refuseEmpty(source);
  return project;
}

/** For an env file that is missing, and has an example beside it. */
function exampleToCopy(message: string, folder: string): string | undefined {
  const missing = /env file (\S+) not found/.exec(message)?.[1];
  const example = missing && examples(missing).find((path) => existsSync(path));
  return example && `copy its example, and fill it in: cp ${relative(folder, example)} ${relative(folder, missing)}`;
}

const examples = (path: string): string[] => [
  ...['example', 'sample', 'template', 'dist'].map((end) => `${path}.${end}`),
  join(dirname(path), 'env.example'),
  join(dirname(path), 'example.env'),
];

/** For a file that only adds to the services of another one. */
function filesToAdd(message: string, { folder, file }: ComposeSource, environment: NodeJS.ProcessEnv) {
  if (!/neither an image nor a build|undefined (service|network|volume|secret|config)/.test(message)) return undefined;
  const given = [file].flat();
  const base = foundFiles({ read: readerOf(folder), environment })?.files.filter((name) => !given.includes(name)) ?? [];
  if (base.length === 0 && given.length > 1) return undefined;
  const all = [...(base.length > 0 ? base : ['BASE_FILE']), ...given];
  return `if it adds to another file, name all, in their order: belay init ${all.map((name) => `-c ${name}`).join(' ')}`;
}

/** Services in profiles count once a profile is on. */
async function refuseEmpty(source: ComposeSource): Promise<never> {
  const file = [source.file].flat().join(', ');
  const [first, ...more] = await readProfiles(source);
  if (first === undefined)
    throw new BelayError('input-invalid', `${file} has no service`, {
      hint: 'belay init -c FILE reads another Compose file',
    });
  throw new BelayError(
    'input-invalid',
    `${file} has services in profiles alone, and none is on: ${[first, ...more].join(', ')}`,
    { hint: `write those that run here into .env, then run belay init again: COMPOSE_PROFILES=${first}` },
  );
}
