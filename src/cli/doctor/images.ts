import { asBelayError } from '../../errors';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import type { Engine } from '../../runtimes/docker/engine';
import { pinImage } from '../../runtimes/docker/project/pin-image';
import { dockerServices, type Spec } from '../../spec/spec';
import { bad, type Check, ok, warn } from './check';

/** Checks if a release could get the image of each service now; services that share an image share a check. */
export async function examineImages(
  engine: Engine,
  spec: Pick<Spec, 'services'>,
  compose: Pick<ComposeProject, 'services'>,
): Promise<Check[]> {
  const users = new Map<string, string[]>();
  for (const [name, { image }] of Object.entries(dockerServices(spec))) {
    const ref = image ?? compose.services[name]?.image;
    if (ref) users.set(ref, [...(users.get(ref) ?? []), name]);
  }
  return await Promise.all([...users].map(([ref, names]) => imageCheck(engine, ref, names)));
}

async function imageCheck(engine: Engine, ref: string, names: string[]): Promise<Check> {
  const whose = names.join(', ');
  try {
    const { image, warning } = await pinImage({ engine }, { ref });
    if (warning) return warn('image', `${whose}: ${warning}`, 'a release goes on with it');
    return ok('image', `${whose}: ${ref}: ${image.local ? 'only on this engine' : image.digest.slice(0, 19)}`);
  } catch (error) {
    const { message, hint } = asBelayError(error);
    const another = `or release another version of it: --version ${names[0]}=…`;
    return bad('image', `${whose}: ${message}`, ...(hint ? [hint] : []), another);
  }
}
