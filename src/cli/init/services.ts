import { addressKeepers } from '../../runtimes/docker/compose/address-keepers';
import { composeDependencies } from '../../runtimes/docker/compose/depends-on';
import { composeFacts, composeImage } from '../../runtimes/docker/compose/facts';
import { healthTimes } from '../../runtimes/docker/compose/healthcheck';
import { leadersOf } from '../../runtimes/docker/compose/leaders';
import { isAwaited } from '../../runtimes/docker/compose/listening';
import { type MountedTexts, shown } from '../../runtimes/docker/compose/mounted-texts';
import type { ComposeProject, ComposeService } from '../../runtimes/docker/compose/project';
import type { ComposeHealthcheck } from '../../runtimes/docker/compose/service-parts';
import { sharedNamespace } from '../../runtimes/docker/compose/ties';
import { isOlder } from '../../runtimes/docker/resources';
import { firstCheck, type HealthTimes, longFirstCheck, startIntervalApi, usualTimes } from '../../spec/health-times';
import type { ComposeService as InitService } from '../../spec/init';
import { judgeMount, type Kind, type Mount, plainGet, weigh } from '../../spec/init/knowledge';
import { vacuousTest } from '../../spec/vacuous';
import type { SeenImage, SeenImages } from './images';
import type { WritableMounts } from './mounts';
import { initPorts, type PortEvidence } from './ports';
import { traitsOf } from './traits';

/** A service, with the evidence for its ports and mounts. */
export interface FoundService extends InitService {
  evidence: {
    ports: PortEvidence[];
    mounts: Array<{ volume: string; shared: boolean; why: string }>;
  };
}

/** Looks at a host beside the Compose file. */
interface Looked {
  texts?: MountedTexts;
  mounts?: WritableMounts;
  images?: SeenImages;
  /** The version of the engine's API; one of today where absent. */
  api?: string;
}

/** Returns the services for a first spec. Pure. */
export function initServices(
  project: ComposeProject,
  { texts = {}, mounts = {}, images = {}, api = startIntervalApi }: Looked = {},
): FoundService[] {
  const names = Object.keys(project.services);
  const basics = names.map((name) => {
    const { restart } = project.services[name]!;
    const awaitedBy = restart === 'always' || restart === 'unless-stopped' ? [] : awaiting(project, name);
    const { image } = composeFacts(project, name);
    const traits = traitsOf(project, name, { texts, mounts: mounts[name] ?? [] });
    return { name, image, awaitedBy, traits };
  });
  const kinds = Object.fromEntries(basics.map(({ traits, ...one }) => [one.name, weigh({ ...one, ...traits }).kind]));
  return basics.map((one) => withRest(project, { ...one, texts, mounts: mounts[one.name] ?? [], kinds, images, api }));
}

type Kinds = Record<string, Kind | undefined>;

type Basics = Pick<FoundService, 'name' | 'image' | 'awaitedBy' | 'traits'>;

function withRest(
  project: ComposeProject,
  {
    texts,
    mounts,
    kinds,
    images,
    api,
    ...basics
  }: Basics & { texts: MountedTexts; mounts: Mount[]; kinds: Kinds; images: SeenImages; api: string },
): FoundService {
  const { name } = basics;
  const service = project.services[name]!;
  const { instances } = composeFacts(project, name);
  const image = images[composeImage(project, name)];
  const check = checkOf(service, image, api);
  const { listens, maybe, evidence } = initPorts(project, name, { texts, kind: kinds[name], image });
  const judged = mounts.map((mount) => {
    const { source, target } = mount;
    const verdict = judgeMount({ ...mount, others: sharers(project, { name, source, kinds }) });
    return { volume: `${source.startsWith('/') ? asWritten(project, source) : source}:${target}`, ...verdict };
  });
  return {
    ...basics,
    ...(service.build !== undefined && {
      builds: composeImage(project, name),
      isBuilt: image !== undefined,
    }),
    replicas: instances,
    ...(check && { healthcheck: check }),
    listens,
    maybe,
    published: fixedPorts(service, 'tcp'),
    udp: fixedPorts(service, 'udp'),
    writableVolumes: judged.filter(({ shared }) => !shared).map(({ volume }) => volume),
    sharedVolumes: judged.filter(({ shared }) => shared).map(({ volume, why }) => ({ volume, why })),
    depends: composeDependencies(project, name).length > 0,
    awaited: isAwaited(project, name),
    leaders: leadersOf(project, name),
    keepers: addressKeepers(project, name, texts),
    shared: sharedNamespace(project, name) ?? (kinds[name] === 'reverse proxy' ? lent(project, name) : undefined),
    hostNetwork: service.network_mode === 'host',
    offNetwork: service.network_mode !== undefined || Object.keys(service.networks ?? {}).length === 0,
    evidence: { ports: evidence, mounts: judged },
  };
}

/** A proxy's companion finds the proxy's container by `volumes_from`, to signal it. */
function lent({ services }: ComposeProject, name: string): string | undefined {
  const other = Object.keys(services).find((one) =>
    ((services[one]!.volumes_from ?? []) as string[]).some((from) => from.split(':')[0] === name),
  );
  return other && `${other} has volumes_from: ${name}, and loses it with its container`;
}

/**
 * Other services that mount the same source. A one-shot is over, and a backup is no second user of the data; what runs
 * by the clock from the same image is one.
 */
const sharers = (
  { services }: ComposeProject,
  { name, source, kinds }: { name: string; source: string; kinds: Kinds },
): string[] =>
  Object.keys(services).filter((other) => {
    const isSame = services[other]!.image !== undefined && services[other]!.image === services[name]!.image;
    const isBackup = kinds[other] === 'scheduler' && !isSame;
    const uses = (services[other]!.volumes ?? []).some((one) => one.source === source);
    return other !== name && uses && kinds[other] !== 'one-shot' && !isBackup;
  });

/** A path below the project's folder, as people write it. */
function asWritten(project: ComposeProject, source: string): string {
  const path = shown(project, source);
  return path.startsWith('/') ? path : `./${path}`;
}

/** Belay waits so long for an instance where nothing else is said, in milliseconds. */
const usualWithin = 60_000;

/**
 * The HEALTHCHECK of the service, or of its image where the image's own command runs. The first two checks may take
 * longer than Belay usually waits.
 */
function checkOf(service: ComposeService, image: SeenImage | undefined, api: string): FoundService['healthcheck'] {
  const check = service.healthcheck ? writtenCheck(service.healthcheck) : ownCheck(service, image);
  if (!check) return undefined;
  const { test, interval = usualTimes.interval, timeout = usualTimes.timeout, startPeriod = 0 } = check;
  const most = startPeriod + interval + timeout;
  const within = Math.ceil((most + interval) / 1000) * 1000;
  const first = firstCheck(check, { hasStartInterval: !isOlder(api, startIntervalApi) });
  return {
    vacuous: vacuousTest(test),
    ...(most > usualWithin && { within }),
    ...(first > longFirstCheck && { first, asks: plainGet(test), startPeriod }),
  };
}

type Check = HealthTimes & { test?: string[] };

const writtenCheck = (check: ComposeHealthcheck): Check | undefined =>
  check.disable || check.test?.[0] === 'NONE' ? undefined : { test: check.test, ...healthTimes(check) };

/** A worker of the same image, with another command, may never pass the image's check. */
const ownCheck = ({ command, entrypoint }: ComposeService, image: SeenImage | undefined): Check | undefined =>
  command?.length || entrypoint?.length ? undefined : image?.healthcheck;

/** Returns ports of the host; a port that Docker chooses anew each time is no fixed address. */
function fixedPorts({ ports }: ComposeService, over: 'tcp' | 'udp'): string[] {
  const listed = (ports ?? []) as Array<{ published?: string; protocol?: string }>;
  const own = listed.filter(({ protocol = 'tcp' }) => protocol === over);
  return [...new Set(own.flatMap(({ published }) => (published && published !== '0' ? [String(published)] : [])))];
}

/** Returns the services that start after the successful end of this one. */
const awaiting = (project: ComposeProject, name: string): string[] =>
  Object.keys(project.services).filter((other) =>
    composeDependencies(project, other).some(({ service, condition }) => service === name && condition === 'completed'),
  );
