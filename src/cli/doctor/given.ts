import { asBelayError } from '../../errors';
import { errnoOf } from '../../hosts/file';
import { contentDigest } from '../../runtimes/docker/compose/contents';
import { resourcesOf } from '../../runtimes/docker/compose/networks';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import type { Engine } from '../../runtimes/docker/engine';
import { type Check, check, warn } from './check';

interface ResourceLookup {
  runtime: Pick<Engine, 'assertGiven'>;
  compose: ComposeProject;
  services: string[];
  /** The asking user runs a worker too, so it sees the same files as a release. */
  isWorker: boolean;
}

/** Checks that a release's given resources exist: external networks and volumes, files of secrets and configs. */
export async function examineGiven({ runtime, compose, services, isWorker }: ResourceLookup): Promise<Check[]> {
  const looks = [
    () => runtime.assertGiven(resourcesOf(compose, services)),
    ...services.map((name) => () => contentDigest(compose, name, { mounted: false })),
  ];
  const nothing = (look: () => Promise<unknown>) =>
    check('given', () => look().then(() => [], isWorker ? undefined : forWorker));
  const found = (await Promise.all(looks.map(nothing))).flat();
  return found.filter(({ text }, index) => found.findIndex((one) => one.text === text) === index);
}

/** A release reads files as the worker's user; the container's user is Compose's business. */
function forWorker(error: unknown): Check {
  const { code, message, cause } = asBelayError(error);
  if (code !== 'compose-invalid' || !['EACCES', 'EPERM'].includes(errnoOf(cause) ?? '')) throw error;
  return warn(
    'given',
    `${message} by you; a release reads it as the user that runs the worker`,
    'run doctor as that user to see whether it can',
  );
}
