import type { InstanceIdentity } from '../../runtime';
import type { ComposeProject, ComposeService } from './project';

/**
 * Labels by which Compose finds the instance and shows it. Compose leaves it alone as long as its configuration hash
 * and image id match the file.
 */
export function composeLabels(
  project: ComposeProject,
  { service, instance, imageId }: { service: string; instance: number; imageId?: string },
): Record<string, string> {
  return {
    'com.docker.compose.project': project.name,
    'com.docker.compose.service': service,
    'com.docker.compose.config-hash': project.hashes[service] ?? '',
    'com.docker.compose.container-number': String(instance),
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.depends_on': dependencies(project.services[service] ?? {}),
    'com.docker.compose.project.config_files': project.path,
    'com.docker.compose.project.working_dir': project.folder,
    'com.docker.compose.version': composeVersion(project),
    ...(imageId && imageMark(imageId)),
  };
}

/** The label for the id of the file's image. */
export const imageMark = (id: string): Record<string, string> => ({ 'com.docker.compose.image': id });

/** The values that Compose compares: the hash of the configuration, and the id of the image. */
export const marksIn = (labels: Record<string, string>): { hash?: string; image?: string } => ({
  hash: labels['com.docker.compose.config-hash'],
  image: labels['com.docker.compose.image'],
});

/** Labels of an instance above the file's number: `up` leaves it alone, as a container of `docker compose run`. */
export const notCounted: Record<string, string> = { 'com.docker.compose.oneoff': 'True' };

/** The version without a distribution's suffix. */
export const composeVersion = ({ version }: ComposeProject): string => version.replace(/^v/, '').replace(/[-+].*$/, '');

export function belayLabels(identity: InstanceIdentity): Record<string, string> {
  return {
    'belay.platform': identity.platform,
    'belay.service': identity.service,
    'belay.revision': String(identity.revision),
    'belay.instance': String(identity.instance),
    'belay.fingerprint': identity.fingerprint,
    'belay.release': identity.release,
  };
}

function dependencies({ depends_on = {} }: ComposeService): string {
  const entries = Object.entries(depends_on).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, { condition, restart = false }]) => `${name}:${condition}:${restart}`).join(',');
}
