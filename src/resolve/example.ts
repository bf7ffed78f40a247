import { BelayError } from '../errors';
import type { Deps } from '../host';
import type { ReadExample } from '../migration/open';
import type { Source } from '../model/plan';
import { openIncomplete } from '../project/project';
import { sourcesOf } from './sources';

/**
 * Reads examples in images, in the versions that the release asks for. An image that is missing on this host is pulled.
 * Throws `input-invalid` for what cannot have the file.
 */
export function examplesOf({ runtimeOf }: Pick<Deps, 'runtimeOf'>, source: Source): ReadExample {
  return async ({ service, path }) => {
    const { project } = openIncomplete(source);
    const refuse = (message: string, hint: string) => new BelayError('input-invalid', message, { hint });
    const spec = project.spec.services[service];
    if (!spec) throw refuse(`there is no service ${service}`, 'name a service of the spec');
    const { artifacts } = runtimeOf(spec.runtime);
    const { sources } = await sourcesOf({ runtimeOf }, service, { project, marks: false });
    const { artifact: ref, platform } = sources.facts(service);
    if (ref === undefined || !artifacts.fileIn) throw refuse(`${service} has no image`, 'name a service of Docker');
    const { artifact } = await artifacts.pin({ ref: artifacts.withVersion(ref, source.versions[service]), platform });
    await artifacts.fetch({ artifact });
    const text = await artifacts.fileIn(artifact, path);
    if (text !== undefined) return text;
    throw refuse(
      `${'ref' in artifact ? artifact.ref : ref} has no ${path}`,
      'name the path of the example in the image',
    );
  };
}
