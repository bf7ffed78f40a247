import { artifactName, isSameArtifact } from '../model/artifact';
import type { DesiredService, PlannedService } from '../model/desired';
import { headOfPast } from '../model/head';
import { fromHere, type Listening } from '../model/listening';
import type { ObservedService } from '../model/observed';
import type { Step } from '../model/plan';
import { isRemoval, takenAgain } from '../model/task';
import { stepMaker } from './graph';
import type { ServiceInput } from './plan-release';
import { isSticky } from './sticky';

type Context = Pick<ServiceInput, 'desired' | 'observed' | 'host' | 'epoch' | 'lending'>;

/** Answers in a row that have to tell the new version, once no other one serves; more where more instances share. */
const fewest = 20;
/** The chance of a false alarm where a share of the answers has to tell it. */
const falseAlarm = 1e-6;

/** Returns the step that asks the proxies for the version, once all requests go to the new one. */
export function toldByAll(input: Context, { needs }: { needs: string[] }): Step[] {
  const { version, instances } = input.desired;
  const fronts = frontsOf(input);
  if (!version || fronts.length === 0 || takenAgain(input.desired)) return [];
  const title = `every answer through the proxy tells version ${version.told.version}`;
  const asked = { version, fronts, count: Math.max(fewest, 2 * instances), every: true as const };
  return [stepMaker(input, 'forward')('validate', { name: 'told', title, instances: [], asked, needs })];
}

/**
 * Returns the step that asks the proxies until an answer tells the new version, which has a share of the traffic. A
 * proxy that keeps a client with one instance is not asked, and none while its port still leads to Compose's container.
 */
export function toldBySome(
  input: Context,
  { part, share, needs }: { part: string; share: number; needs: string[] },
): Step[] {
  const { version } = input.desired;
  const fronts = frontsOf(input).filter(({ shared }) => shared);
  const isElsewhere = input.lending?.way === 'take' && !input.lending.redirected;
  if (!version || isElsewhere || fronts.length === 0 || share <= 0) return [];
  const count = Math.ceil(Math.log(falseAlarm) / Math.log(1 - share));
  const title = `an answer through the proxy tells version ${version.told.version}`;
  const asked = { version, fronts, count };
  return [stepMaker(input, 'forward')('validate', { name: `told/${part}`, title, instances: [], asked, needs })];
}

/** Returns a notice where the version is asked at the instances alone. */
export function untoldNotices(desired: PlannedService, observed: ObservedService): string[] {
  const { service, version, routes } = desired;
  if (!version || routes.length === 0 || isRemoval(desired) || takenAgain(desired)) return [];
  if (frontsOf({ desired, observed }).length > 0) return [];
  const proxies = [...new Set(routes.map(({ proxy }) => proxy))].join(', ');
  return [
    `${service}: its version is asked at each instance, and not through proxy ${proxies}: no address is known at which it takes plain HTTP for port ${version.port} alone`,
  ];
}

/** Returns a notice for another tag of the image that runs: it goes on to tell the former version. */
export function sameImageNotices(
  { service, version, artifact, task }: PlannedService,
  seen: ObservedService,
  steps: Step[],
): string[] {
  const before = headOfPast(seen)?.desired;
  if (!version || !before || task.kind !== 'run' || !isSameArtifact(before.artifact, artifact)) return [];
  const { version: named } = version.told;
  const former = before.version?.told.version;
  if (former === named) return [];
  const runs = `${service}: ${artifactName(artifact)} is the image that runs already as ${artifactName(before.artifact)}`;
  const stays = `the version that it tells stays ${former ?? 'the former one'}`;
  if (steps.length === 0) return [`${runs}: there is nothing to do, and ${stays}`];
  // An image without a version in its tag may tell the one that is named now.
  if (former === undefined || !steps.some(({ kind }) => kind === 'launch')) return [];
  return [
    `${runs}: ${stays}, and new instances are asked for ${named}: their probe fails unless another change of this release makes them tell it`,
  ];
}

/** Returns the addresses at which this host reaches the port that tells the version, through proxies. */
function frontsOf({ desired, observed }: Pick<Context, 'desired' | 'observed'>): Listening[] {
  const { version, routes } = desired;
  if (!version) return [];
  const asked = routes.filter(({ port }) => port === version.port);
  const own = (observed.listening ?? [])
    .filter((one) => asked.some(({ proxy, backend }) => one.proxy === proxy && one.backend === backend))
    .map(({ host, port, shared }) => ({ host: fromHere(host), port, shared }));
  return [...own, ...publishedOf(desired, version.port)];
}

function publishedOf(desired: DesiredService, asked: number): Listening[] {
  const shared = !isSticky(desired);
  return (desired.fronts ?? [])
    .flatMap(({ routes }) => routes)
    .filter(({ port, protocol }) => port === asked && protocol !== 'grpc')
    .flatMap(({ hostPort: port, hostAddress = '' }) => {
      const host = fromHere([hostAddress].flat()[0]!);
      return port === undefined ? [] : [{ host, port, shared }];
    });
}
