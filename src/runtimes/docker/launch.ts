import type Docker from 'dockerode';
import { BelayError } from '../../errors';
import { labels } from '../runtime';
import type { CreateOptions } from './create-options';
import { ask, askFor, refused, statusOf, wordsOf } from './errors';
import { writeFiles } from './files';
import { composeLabels } from './observe';
import { awaitGone } from './remove';

type Endpoints = NonNullable<NonNullable<CreateOptions['NetworkingConfig']>['EndpointsConfig']>;

/** Two instances are the same when these agree; the name alone says nothing. */
const identity = [
  labels.platform,
  labels.service,
  labels.revision,
  labels.instance,
  labels.fingerprint,
  composeLabels.project,
  composeLabels.service,
];
/** Of what Compose has started nothing else tells the configuration; of Belay's own it says how the file stood meanwhile. */
const identityOf = (own: Record<string, string>): string[] =>
  own[labels.fingerprint] === undefined ? [...identity, composeLabels.hash] : identity;

/**
 * The instance exists with its own files, on every network that `NetworkingConfig.EndpointsConfig` names. It has the one
 * of `NetworkMode` from its creation (older engines take one there). The others are connected before it can be started.
 */
export async function create(docker: Docker, name: string, { Files = [], ...options }: CreateOptions): Promise<void> {
  const { first, others } = splitNetworks(options);
  await createOrAdopt(docker, { ...first, name }, await hiding(docker, options));
  for (const [network, endpoint] of Object.entries(others)) await connect(docker, { name, network, endpoint });
  if (Files.length > 0) await writeFiles(docker, name, Files);
}

/** An image that Compose has built carries its labels: it would take for its own what is none of a project's. */
async function hiding(docker: Docker, { Image, Labels = {} }: CreateOptions): Promise<Record<string, string>> {
  if (Image === undefined || Labels[composeLabels.project] !== undefined) return {};
  const image = await askFor(() => docker.getImage(Image).inspect());
  const inherited = image?.Config?.Labels ?? {};
  return inherited[composeLabels.project] === undefined ? {} : { [composeLabels.project]: '' };
}

/** The instance was started: one that runs is left as it is, and one that has exited starts again. */
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
  // Whatever is not told apart here goes into the request's address too, values of the environment among it.
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

/** The instance that has the name already; one that is being removed is waited for. */
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
  return new BelayError('instance-lost', `${name} is gone before it was started`, {
    hint: 'somebody removed it: see docker events, then retry the step',
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
    hints.find(([pattern]) => pattern.test(words))?.[1] ?? "correct what the engine's words name, then retry the step"
  );
}
