import { composeFromImage } from '../src/compose/compose-config';
import { composeFacts } from '../src/compose/facts';
import type { Project } from './project';

/** The values that Compose puts in place of variables: of the env files, and of those that the files name, from the worker's own environment. */
export async function interpolated(
  { folder, text, spec, compose }: Project,
  known: string[],
): Promise<Record<string, string>> {
  const texts = [text, ...Object.values(compose)].join('\n');
  const named = [...texts.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map((match) => match[1]!);
  const env = Object.fromEntries([...new Set([...known, ...named])].map((name) => [name, `\${${name}-}`]));
  return await valuesOf({ folder, spec }, env);
}

/** Texts as they come out once Compose has put values in place of variables, in their order. Throws `compose-invalid`. */
export async function interpolatedTexts(project: Project, texts: string[]): Promise<string[]> {
  const values = await valuesOf(project, Object.fromEntries(texts.map((text, index) => [`TEXT_${index}`, text])));
  return texts.map((_, index) => values[`TEXT_${index}`] ?? '');
}

async function valuesOf({ folder, spec }: Pick<Project, 'folder' | 'spec'>, env: Record<string, string>) {
  const services = { values: { image: 'none', env } };
  const asked = await composeFromImage({ folder, platform: 'belay', services, envFiles: spec.env_files });
  return composeFacts(asked, 'values').environment;
}
