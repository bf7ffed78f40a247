import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { readFence } from '../../src/hosts/fence';
import { openReleased } from '../../src/migration/released';
import type { DesiredService } from '../../src/model/desired';
import { engineText } from '../../src/model/engines';
import { parseDrillInput, parseReleaseInput } from '../../src/model/parse-request';
import type { Plan, Source } from '../../src/model/plan';
import type { DrillInput } from '../../src/model/requests';
import { releasedNow } from '../../src/observe/released-now';
import { type DrilledService, planDrill as planOf } from '../../src/plan/plan-drill';
import { findFolder } from '../../src/project/folders';
import { scenarioOf } from '../../src/resolve/drill';
import { examplesOf } from '../../src/resolve/example';
import { isJob, undrillable } from '../../src/resolve/resolve';
import { openSources } from '../../src/resolve/sources';
import { headOf } from '../../src/revisions/head-of';
import { runtimesIn } from '../../src/revisions/runtimes-in';
import { unitObstacle } from '../../src/spec/refusals/drill';
import type { ServiceSpec } from '../../src/spec/spec';
import { refuseUnknown } from './asked-names';
import { planRestoreDrill } from './backup';
import { fenceOffEnded, refuseOwned } from './fence-off';
import { withHeartbeat } from './heartbeat';
import { desiredServices, type PlanRequest } from './release';

/** Plans drills of shutdowns, or of backups. Throws `held-by-another` while a release has a service. */
export const planDrill =
  (deps: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const input = parseDrillInput(given);
      return input.restore ? await planRestoreDrill(deps, input) : await planShutdowns(deps, input);
    });

async function planShutdowns(host: Deps, input: DrillInput): Promise<Plan> {
  const deps = { ...host, ...host.forOnePlan() };
  const { versions, set } = input;
  const changed = Object.keys(set).length > 0 && { set };
  const source: Source = { ...(await findFolder(deps.specs, input)), versions, files: {}, ...changed };
  const { project: written } = await openReleased(source, examplesOf(deps, source));
  refuseUnknown({ versions, instances: {}, services: input.services }, written);
  const { platform, services: specs } = written.spec;
  const { names, warnings } = chosen(specs, input);
  if (!input.dry_run) {
    await fenceOffEnded(deps, { platform, services: names });
    for (const service of names) await refuseOwned(deps, { platform, service });
  }
  const busy = input.dry_run ? await releasedNow(deps, { platform, services: names }) : [];
  const found = await desiredOf(deps, { names, source, input, platform });
  const good = found.filter(({ desired }) => {
    if (!desired.stateful) return true;
    const problem = undrillable(desired.service, 'belay drill');
    if (!input.all) throw problem;
    warnings.push(`${problem.message}; it is left out`);
    return false;
  });
  const services = await Promise.all(
    good.map(async ({ desired, revision, head }): Promise<DrilledService> => {
      const { service, runtime, artifact } = desired;
      const { epoch } = await readFence({ home: deps.home, platform, service });
      const scenario = scenarioOf(desired, specs[service]!, input);
      return { service, ...(runtime && { runtime }), image: artifact, revision, scenario, epoch, head };
    }),
  );
  if (services.length === 0)
    throw new BelayError(
      'input-invalid',
      `${platform} has no service whose shutdown can be tested: ${warnings.join('; ')}`,
      {
        hint: 'see docs/drill.md',
      },
    );
  return planOf({
    platform,
    host: deps.host,
    engine: engineText(await Promise.all(runtimesIn(deps, services).map((one) => one.identity()))),
    services,
    source,
    takeOver: input.take_over,
    warnings: [...busy, ...warnings],
  });
}

/** The services to test. A named one that cannot be tested is an error, one of all of them is left out. */
function chosen(specs: Record<string, ServiceSpec>, { services }: DrillInput): { names: string[]; warnings: string[] } {
  const warnings: string[] = [];
  const names = (services ?? Object.keys(specs)).filter((name) => {
    const why = obstacle(specs[name]!);
    if (!why) return true;
    if (services)
      throw new BelayError('not-built', `services.${name}: ${why}`, {
        hint: 'drill another service; see docs/drill.md',
      });
    warnings.push(`${name}: ${why}; it is left out`);
    return false;
  });
  return { names: [...new Set(names)].sort(), warnings };
}

function obstacle(service: ServiceSpec): string | undefined {
  return isJob(service) ? 'is a job, which ends by itself' : unitObstacle(service);
}

interface Asked {
  names: string[];
  source: Source;
  input: DrillInput;
  platform: string;
}

interface Found {
  desired: DesiredService;
  /** The revision whose configuration the host has; absent: the files tell. */
  revision?: number;
  head?: number;
}

/** The services as they run now; as the files say where the host keeps no configuration, or others are asked for. */
async function desiredOf(deps: Deps, { names, source, input, platform }: Asked): Promise<Found[]> {
  const { versions, set } = input;
  const heads = await Promise.all(names.map((service) => headOf(deps, { platform, service })));
  const kept = (index: number) => {
    const isOther = versions[names[index]!] !== undefined || Object.keys(set).length > 0;
    return isOther || !heads[index]?.configuration ? undefined : heads[index];
  };
  const others = names.filter((_, index) => !kept(index));
  const resolved = others.length > 0 ? await resolve(deps, { names: others, source, input, platform }) : [];
  return names.flatMap((name, index) => {
    const [own, head] = [kept(index), heads[index]?.number];
    if (own) return [{ desired: own.desired, revision: own.number, head }];
    const desired = resolved.find(({ service }) => service === name);
    return desired ? [{ desired, head }] : [];
  });
}

async function resolve(deps: Deps, { names, source, input: { platform, versions } }: Asked): Promise<DesiredService[]> {
  const { project: written } = await openReleased(source, examplesOf(deps, source));
  const sources = await openSources(deps, { project: written });
  const { project } = sources;
  const own = Object.fromEntries(Object.entries(versions).filter(([name]) => names.includes(name)));
  const input: PlanRequest['input'] = parseReleaseInput({ platform, services: names, versions: own });
  return await desiredServices(deps, { project, sources, input });
}
