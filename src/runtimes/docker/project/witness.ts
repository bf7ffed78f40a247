import { existsSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { BelayError } from '../../../errors';
import { reader } from '../../../project/files';
import { envFilesOf, type Project } from '../../../project/project';
import { platformsIn } from '../../../spec/environment';
import type { ComposeOrigin, RuntimeInstance } from '../../runtime';
import type { ComposeProject } from '../compose/project';
import type { Engine } from '../engine';

interface Read {
  project: Project;
  compose: ComposeProject;
}

/**
 * Refuses files other than those from which Compose started the running containers: a release would drop their
 * settings. Throws `compose-invalid` with each container's files and what to write.
 */
export async function refuseOtherFiles(
  { engine }: { engine: Pick<Engine, 'observe' | 'composed'> },
  read: Read,
  services: string[],
): Promise<void> {
  const { platform } = read.project.spec;
  const query = { platform, project: read.compose.name };
  const seen = await Promise.all(services.map((service) => engine.observe({ ...query, service })));
  const problems = seen.flat().flatMap((one) => problemsOf(one, read));
  if (problems.length === 0) return;
  throw new BelayError('compose-invalid', [...new Set(problems.map(({ message }) => message))].join('\n'), {
    hint: [...new Set(problems.map(({ hint }) => hint))].join('; '),
  });
}

/**
 * Finds containers of this folder under another project name (`docker compose -p`, or through a link to the folder). A
 * release would start a second project beside it. Returns one line per container whose service is missing in this
 * project.
 */
export async function otherProjects(
  { engine }: { engine: Pick<Engine, 'observe' | 'composed'> },
  { project, compose }: Read,
  services: string[],
): Promise<string[]> {
  const platforms = platformsIn(reader(project)).map(({ platform }) => platform);
  const found = await Promise.all(
    services.map(async (service) => {
      const { platform } = project.spec;
      const running = (await engine.composed(service)).filter(({ folder }) => real(folder) === real(compose.folder));
      const others = running.filter((one) => one.project !== compose.name && !platforms.includes(one.project));
      if (others.length === 0) return [];
      if ((await engine.observe({ platform, service, project: compose.name })).length > 0) return [];
      return others.map(
        (one) =>
          `${service}: ${one.name} runs from this folder as the Compose project ${one.project}, and this is ${compose.name}: a release would start a second one beside it. If the two are the same, write name: ${one.project} at the top of the Compose file`,
      );
    }),
  );
  return found.flat();
}

interface Problem {
  message: string;
  hint: string;
}

function problemsOf({ name, state, origin }: RuntimeInstance, read: Read): Problem[] {
  if (state !== 'running' || !origin || origin.files.includes('-')) return [];
  return [...fileProblems(name, origin, read), ...envFileProblems(name, origin, read)];
}

function fileProblems(name: string, { folder, files }: ComposeOrigin, { compose }: Read): Problem[] {
  const started = files.map((file) => relative(real(folder), real(file)));
  const now = compose.path.split(',').map((file) => relative(real(compose.folder), real(file)));
  if (real(folder) !== real(compose.folder) && files.some((file) => existsSync(file))) {
    const message = `${name} runs from ${files.join(', ')} with paths by ${folder}, and here ${compose.file} is read with paths by ${compose.folder}`;
    return [{ message, hint: `move belay.yaml to ${folder}, or start it from here: docker compose up -d` }];
  }
  if (isWithin(started, now)) return [];
  const message = `${name} runs from ${started.join(', ')}, and here ${now.join(', ')} is read: a release would drop the settings of the other`;
  const alone = now.map((file) => `-f ${file}`).join(' ');
  const hint = `write compose: [${started.join(', ')}] in belay.yaml, or start it from the present files first: docker compose ${alone} up -d`;
  return [{ message, hint }];
}

function envFileProblems(name: string, { folder, envFiles }: ComposeOrigin, { project }: Read): Problem[] {
  const started = envFiles.map((file) => real(resolve(folder, file)));
  const now = envFilesOf(project).map((file) => real(resolve(project.folder, file)));
  if (started.length === 0 || isWithin(started, now)) return [];
  const names = started.map((file) => relative(real(project.folder), file)).join(', ');
  const message = `${name} runs with values of ${names}, and here they come from ${envFilesOf(project).join(', ')}`;
  return [{ message, hint: `write env_files: [${names}] in belay.yaml, or start it without --env-file first` }];
}

/** Tells if `whole` contains the parts in the same order; others may be between them. */
function isWithin(part: string[], whole: string[]): boolean {
  let at = 0;
  for (const one of whole) if (one === part[at]) at += 1;
  return at === part.length;
}

/** Returns a path without links; as written if it no longer exists. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return join(path);
  }
}
