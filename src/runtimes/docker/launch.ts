import type Docker from 'dockerode';
import { BelayError } from '../../errors';
import { labels } from '../runtime';
import type { CreateOptions } from './create-options';
import { ask, askFor, refused, statusOf, wordsOf } from './errors';
import { writeFiles } from './files';
import { composeLabels } from './observe';
import { awaitGone } from './remove';

type Endpoints = NonNullable<NonNullable<CreateOptions['NetworkingConfig']>['EndpointsConfig']>;

/** Labels that identify an instance: equal labels mean the same instance, and the name alone means nothing. */
const identity = [
  labels.platform,
  labels.service,
  labels.revision,
  labels.instance,
  labels.fingerprint,
  labels.job,
  composeLabels.project,
  composeLabels.service,
];
/**
 * Only Compose's hash tells an adopted container's configuration. On Belay's own, it tells the state of the file at the
 * time.
 */
const identityOf = (own: Record<string, string>): string[] =>
  own[labels.fingerprint] === undefined ? [...identity, composeLabels.hash] : identity;

/**
 * Ensures that the instance exists with its own files, on every network in `NetworkingConfig.EndpointsConfig`. Creation
 * takes the network of `NetworkMode`, as older engines take one; the others are connected before any start.
 */
export async function create(docker: Docker, name: string, { Files = [], ...options }: CreateOptions): Promise<void> {
  const { first, others } = splitNetworks(options);
  await createOrAdopt(docker, { ...first, name }, await hiding(docker, options));
  for (const [network, endpoint] of Object.entries(others)) await connect(docker, { name, network, endpoint });
  if (Files.length > 0) await writeFiles(docker, name, Files);
}

/** Labels that hide those of an image built by Compose: Compose would claim a container that belongs to no project. */
async function hiding(docker: Docker, { Image, Labels = {} }: CreateOptions): Promise<Record<string, string>> {
  if (Image === undefined || Labels[composeLabels.project] !== undefined) return {};
  const image = await askFor(() => docker.getImage(Image).inspect());
  const inherited = image?.Config?.Labels ?? {};
  return inherited[composeLabels.project] === undefined ? {} : { [composeLabels.project]: '' };
}

/** Ensures that the instance was started: a running one is left alone, and an exited one starts again. */
export async function start(docker: Docker, name: string): Promise<void> {
  try {
    await ask(() => docker.getContainer(name).start());
  } catch (error) {
    if (statusOf(error) === 304) return;
    if (statusOf(error) === 404 && /no such container/i.test(wordsOf(error))) throw lost(name, error);
    throw refused('launch-failed', `${name} does not start`, error, hintFor(wordsOf(error)));
  }
}

function splitNetworks(options: CreateOptions): { first: CreateOptions; others: Endpoints } {
  const endpoints = options.NetworkingConfig?.EndpointsConfig ?? {};
  const mode = options.HostConfig?.NetworkMode ?? Object.keys(endpoints)[0];
  if (mode === undefined) return { first: options, others: {} };
  const { [mode]: primary, ...others } = endpoints;
  const NetworkingConfig = { EndpointsConfig: primary ? { [mode]: primary } : {} };
  return { first: { ...options, HostConfig: { ...options.HostConfig, NetworkMode: mode }, NetworkingConfig }, others };
}

async function createOrAdopt(
  docker: Docker,
  options: CreateOptions & { name: string },
  hidden: Record<string, string>,
  again = true,
): Promise<void> {
  const { name, platform, ...own } = options;
  const body = { ...own, Labels: { ...hidden, ...own.Labels } };
  // The client would put members that are not separated here into the request's address, values of the environment
  // included.
  const request = { _query: { name, ...(platform && { platform }) }, _body: body } as unknown as CreateOptions;
  try {
    await ask(() => docker.createContainer(request));
  } catch (error) {
    if (statusOf(error) !== 409) {
      throw refused('launch-failed', `${options.name} cannot be created`, error, hintFor(wordsOf(error)));
    }
    if ((await adopt(docker, options)) === 'gone' && again) return createOrAdopt(docker, options, hidden, false);
  }
}

/** The existing instance of that name; waits for one that is being removed. */
async function adopt(
  docker: Docker,
  { name, Labels = {} }: CreateOptions & { name: string },
): Promise<'adopted' | 'gone'> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (!found) return 'gone';
  if (['removing', 'dead'].includes(found.State.Status)) {
    await awaitGone(docker, found.Id);
    return 'gone';
  }
  const has = found.Config.Labels ?? {};
  const telling = identityOf(Labels);
  const other = telling.find((label) => has[label] !== Labels[label]);
  if (other === undefined && telling.some((label) => Labels[label] !== undefined)) return 'adopted';
  throw new BelayError(
    'launch-failed',
    `a container named ${name} exists and is not this instance${difference(other, has, Labels)}`,
    {
      hint: `see what it is (docker inspect ${name}); if nothing needs it: docker rm -f ${name}`,
    },
  );
}

function difference(label: string | undefined, has: Record<string, string>, wanted: Record<string, string>): string {
  return label ? ` (its ${label} is ${has[label] ?? 'absent'}, not ${wanted[label] ?? 'absent'})` : '';
}

async function connect(
  docker: Docker,
  { name, network, endpoint }: { name: string; network: string; endpoint: Endpoints[string] },
): Promise<void> {
  const container = await ask(() => docker.getContainer(name).inspect());
  if (container.NetworkSettings.Networks[network]) return;
  await ask(() => docker.getNetwork(network).connect({ Container: container.Id, EndpointConfig: endpoint })).catch(
    (error) => {
      if (/already exists in network/.test(wordsOf(error))) return;
      throw refused('launch-failed', `${name} cannot join the network ${network}`, error, hintFor(wordsOf(error)));
    },
  );
}

function lost(name: string, cause: unknown): BelayError {
  return new BelayError('instance-lost', `${name} was removed before it started`, {
    hint: 'see docker events, then retry the step',
    cause,
  });
}

const hints: Array<[RegExp, string]> = [
  [
    /port is already allocated|address already in use/,
    'free the port (ss -ltnp shows who holds it), then retry the step',
  ],
  [/No such image/i, 'the image was removed from this engine: release again, which pulls it'],
  [/network .*not found|could not attach to network/i, 'the network was removed: release again, which creates it'],
  [
    /source path does not exist|invalid mount config|no such file or directory.*mount/i,
    'create the path on the host, or correct the volume',
  ],
  [
    /executable file not found|exec format|OCI runtime|runc/i,
    "correct the service's command, or the image and its platform",
  ],
];

function hintFor(words: string): string {
  return (
    hints.find(([pattern]) => pattern.test(words))?.[1] ??
    'correct the cause that the engine names, then retry the step'
  );
}
