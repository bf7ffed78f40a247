import { neededAddresses } from '../../../project/desired-needs';
import type { Project } from '../../../project/project';
import type { Spec } from '../../../spec/spec';
import { composeFile, imageSource } from '../compose/compose-config';
import { textsOf } from '../compose/compose-run';
import type { ComposeProject } from '../compose/project';

/** Texts of the spec that contain variables, for Compose to interpolate with the project. */
export const openTexts = ({ services }: Spec): string[] =>
  Object.values(services).flatMap((service) => [
    ...neededAddresses(service),
    ...service.validate.flatMap(({ prometheus }) => prometheus?.url ?? []),
  ]);

/** Texts with variables replaced by their values as Compose does, in the same order. Throws `compose-invalid`. */
export async function interpolatedTexts(
  project: Project,
  { asked }: ComposeProject,
  texts: string[],
): Promise<string[]> {
  const known = new Map(openTexts(project.spec).map((text, index) => [text, asked.texts[index]]));
  const open = texts.filter((text) => known.get(text) === undefined);
  if (open.length > 0)
    for (const [index, text] of (await askedNow(project, open)).entries()) known.set(open[index]!, text);
  return texts.map((text) => known.get(text) ?? '');
}

/** Interpolates texts that the current spec no longer contains. */
function askedNow({ folder, spec, set }: Project, texts: string[]): Promise<string[]> {
  const source = imageSource({ folder, platform: 'belay', services: {}, envFiles: spec.env_files });
  return textsOf({ ...source, content: composeFile('belay', {}), variables: set, ask: { names: [], texts } });
}
