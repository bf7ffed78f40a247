import { artifactWord, isSameArtifact } from '../model/artifact';
import type { DesiredService, PlannedService } from '../model/desired';
import { headOfPast } from '../model/head';
import type { ObservedService } from '../model/observed';
import type { ServicePlan } from '../model/plan';
import { isRemoval, takenAgain } from '../model/task';

const routeText = ({ proxy, backend, port }: DesiredService['routes'][number]): string => `${proxy}/${backend}:${port}`;

function routesOf(from: DesiredService | undefined, to: DesiredService): ServicePlan['routes'] {
  const routes = { from: (from?.routes ?? []).map(routeText), to: to.routes.map(routeText) };
  return from && routes.from.join() !== routes.to.join() ? routes : undefined;
}

/** Returns the changes of a service against the ledger's head, with names of variables and never their values. */
export function changesOf(
  desired: DesiredService,
  seen: ObservedService,
  revision: number,
): Omit<ServicePlan, 'unchanged' | 'reasons'> {
  const head = headOfPast(seen);
  const before = head?.desired.environment ?? {};
  const after = desired.environment;
  return {
    service: desired.service,
    from: head && { revision: head.number, artifact: head.desired.artifact, instances: head.desired.instances },
    ...mixed(seen),
    to: { revision, artifact: desired.artifact, instances: desired.instances },
    routes: routesOf(head?.desired, desired),
    usual: head?.timings,
    environment: {
      added: Object.keys(after)
        .filter((name) => !(name in before))
        .sort(),
      removed: Object.keys(before)
        .filter((name) => !(name in after))
        .sort(),
      changed: Object.keys(after)
        .filter((name) => name in before && before[name] !== after[name])
        .sort(),
    },
  };
}

/** Returns the instances in traffic by revision, if they are not those of the ledger's head. */
function mixed(seen: ObservedService): Pick<ServicePlan, 'found'> {
  const head = headOfPast(seen);
  if (!head || head.number === 0 || isRemoval(head) || head.desired.strategy.kind === 'job') return {};
  const serving = seen.instances.filter(({ state, traffic }) => state === 'running' && traffic === 'in');
  const right = serving.filter(({ fingerprint }) => fingerprint === head.desired.fingerprint);
  if (right.length === serving.length && right.length >= head.desired.instances) return {};
  const revisions = [...new Set(serving.map((one) => one.revision))].sort((a, b) => a - b);
  return {
    found: revisions.map((number) => ({
      revision: number,
      instances: serving.filter((one) => one.revision === number).length,
    })),
  };
}

/** Returns the reasons why the service needs a release. Pure. */
export function reasonsOf(desired: PlannedService, seen: ObservedService): string[] {
  const head = headOfPast(seen);
  const before = head?.desired;
  const isJob = desired.strategy.kind === 'job';
  if (isRemoval(desired)) return [isJob ? 'it had not run before' : 'no longer in the spec'];
  if (!before) return [isJob ? 'its first run' : 'its first release'];
  if (isJob && isRemoval(head!)) return ['its last run was taken back'];
  if (seen.head === 0) return [desired.runtime === undefined ? 'Compose started it' : 'it ran here before Belay'];
  const isAnother = before.fingerprint !== desired.fingerprint;
  const told = isAnother ? recordedReasons(before, desired, seen.head) : [];
  const others = [
    before.instances !== desired.instances && 'instances',
    frontText(before) !== frontText(desired) && 'published ports, or the settings of its proxy',
    healthText(before) !== healthText(desired)
      ? 'health'
      : checkText(before) !== checkText(desired) && "its proxy's own check",
    isAnother && told.length === 0 && 'recorded by another version of Belay',
  ];
  const named = [...told, ...others.filter((one) => one !== false)];
  return named.length > 0 ? named : hostReasons(desired, seen);
}

const healthText = ({ ready, live }: DesiredService): string => JSON.stringify([ready, live]);

/** Returns the variables that `belay set` changes or gives back. */
function overrideReasons({ overrides: former }: DesiredService, { overrides: next }: DesiredService): string[] {
  const [was, is] = [former?.values ?? {}, next?.values ?? {}];
  return [
    ...Object.entries(is).flatMap(([name, value]) => (was[name] === value ? [] : [`set ${name}=${value}`])),
    ...Object.keys(was).flatMap((name) => (name in is ? [] : [`unset ${name}`])),
  ];
}

function recordedReasons(before: DesiredService, desired: PlannedService, head?: number): string[] {
  const again = takenAgain(desired);
  const variables = overrideReasons(before, desired);
  if (again?.revision === head && variables.length > 0) return variables;
  if (again?.revision === head) return ['again (restart)'];
  if (again) return [`back to revision ${again.revision}`];
  const parts = before.parts ?? {};
  const changed = Object.keys(desired.parts ?? {}).filter(
    (name) => name in parts && parts[name] !== desired.parts![name],
  );
  const joined = changed.length === 0 && (before.own !== undefined || desired.own !== undefined);
  if (before.parts) return joined ? ['a service that it restarts with'] : changed;
  return [
    ...(isSameArtifact(before.artifact, desired.artifact) ? [] : [artifactWord(desired.artifact)]),
    ...(JSON.stringify(before.environment) === JSON.stringify(desired.environment) ? [] : ['env']),
    ...(routesOf(before, desired) ? ['routes'] : []),
  ];
}

const isCheck = (key: string): boolean => key.startsWith('ready');

/** The parts of managed proxies, without their checks: these follow health. */
const frontText = ({ fronts = [] }: DesiredService): string =>
  JSON.stringify(fronts, (key, value) => (isCheck(key) ? undefined : value));
const checkText = ({ fronts = [] }: DesiredService): string =>
  JSON.stringify(
    fronts.flatMap(({ routes }) => routes.map((one) => Object.entries(one).filter(([key]) => isCheck(key)))),
  );

/** The ledger has the desired state already, so the host lacks it. */
function hostReasons({ instances, fingerprint }: DesiredService, seen: ObservedService): string[] {
  const running = seen.instances.filter((one) => one.state === 'running' && one.fingerprint === fingerprint);
  if (running.length < instances) return [`${running.length} of ${instances} instances run`];
  if (seen.revisions.some((one) => one.state === 'pending')) return ['a release that never ended'];
  return ['instances out of traffic, or left over'];
}
