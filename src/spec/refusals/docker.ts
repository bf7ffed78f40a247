import type { Path, Problem } from '../problem';
import { didYouMean } from '../sentences';
import type { DockerService } from '../spec';
import type { Rule, ServiceContext } from '.';

type Context = ServiceContext<DockerService>;

function missingImage({ spec, service, path }: Context): Problem[] {
  if (service.image || spec.compose) return [];
  const message = 'is missing, and there is no Compose file to take it from';
  return [
    {
      path: [...path, 'image'],
      message,
      hint: 'write image: …, or compose: compose.yaml at the top',
      reads: [['compose']],
    },
  ];
}

function notInCompose({ spec, composed, path }: Context): Problem[] {
  const name = String(path.at(-1));
  if (!spec.compose || !composed || composed.includes(name)) return [];
  const meant = didYouMean(name, composed);
  const hint = meant ? `did you mean ${meant}?` : 'write the name of one of these, or add the service there';
  const message = `is not in ${spec.compose.join(', ')}, which has ${composed.join(', ') || 'no services'}`;
  return [{ path, atKey: true, message, hint, reads: [['compose']] }];
}

function composeOnly({ spec, service, path }: Context): Problem[] {
  if (!spec.compose) return [];
  const refuse = (key: string, inCompose: string): Problem => ({
    path: [...path, key],
    atKey: true,
    message: 'cannot be used with compose',
    hint: `write it in ${spec.compose!.at(-1)}, as ${inCompose} of the service`,
  });
  return [
    ...(service.env ? [refuse('env', 'environment')] : []),
    ...(service.volumes ? [refuse('volumes', 'volumes')] : []),
  ];
}

function toldVersion({ service: { version, routes }, path }: Context): Problem[] {
  if (!version) return [];
  const at: Path = [...path, 'version'];
  const { json, header, port } = version;
  const problems: Problem[] = [];
  if ((json === undefined) === (header === undefined)) {
    const message = json === undefined ? 'does not say where in the answer it is' : 'has json and header';
    const reads = [
      [...at, 'json'],
      [...at, 'header'],
    ];
    problems.push({ path: at, atKey: true, message, hint: 'write exactly one of json and header', reads });
  }
  if (port === undefined && routes.length === 0) {
    const message = 'is missing, and there is no route to take it from';
    const hint = 'write port: …, the one that the container listens on';
    problems.push({ path: [...at, 'port'], message, hint, reads: [[...path, 'routes']] });
  }
  return problems;
}

/** A service of Docker runs an image, which the spec or a Compose file names. */
export const dockerRefusals: Rule<DockerService>[] = [missingImage, notInCompose, composeOnly, toldVersion];
