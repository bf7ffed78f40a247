import { labels } from '../../src/runtimes/runtime';
import type { FakeRuntime } from './fake-runtime';

interface Container {
  name: string;
  image: string;
  labels?: Record<string, string>;
  /** Host's ports by its own. */
  ports?: Record<number, number>;
  /** `NAME=value`; PATH counts as the image's. */
  env?: string[];
}

/** A container of this image runs. */
export async function runs(
  runtime: FakeRuntime,
  { name, image, labels: Labels, ports = {}, env: Env }: Container,
): Promise<void> {
  runtime.addImage(image);
  const PortBindings = Object.fromEntries(
    Object.entries(ports).map(([port, hostPort]) => [`${port}/tcp`, [{ HostPort: String(hostPort) }]]),
  );
  await runtime.create({ name, template: { Image: image, Labels, Env, HostConfig: { PortBindings } } });
  await runtime.start(name);
}

interface Own {
  platform?: string;
  service?: string;
  revision?: number;
  fingerprint?: string;
}

/** Labels of an instance that Belay has launched, the first one of its revision. */
export const ownLabels = ({ platform = 'shop', service = 'api', revision = 1, fingerprint = 'f' }: Own = {}) => ({
  [labels.platform]: platform,
  [labels.service]: service,
  [labels.revision]: String(revision),
  [labels.instance]: '1',
  [labels.fingerprint]: fingerprint,
});

/** Labels of a container that Compose has started in the project `shop`. */
export const composeLabels = (service = 'api') => ({
  'com.docker.compose.project': 'shop',
  'com.docker.compose.service': service,
});
