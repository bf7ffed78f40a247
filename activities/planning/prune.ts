import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { hasEnded, readFence } from '../../src/hosts/fence';
import type { ServiceKey } from '../../src/hosts/home';
import { servicesOf } from '../../src/hosts/port-claims';
import type { DesiredService } from '../../src/model/desired';
import { engineText } from '../../src/model/engines';
import { parsePruneInput } from '../../src/model/parse-request';
import type { Plan, PruneStep } from '../../src/model/plan';
import type { PruneInput } from '../../src/model/requests';
import { isNothing, unkeptOf, withSharedOnce } from '../../src/observe/removal';
import { strangers } from '../../src/observe/strangers';
import { keptName } from '../../src/project/folders';
import { unknownPlatform } from '../../src/revisions/rollback-past';
import { runtimesIn } from '../../src/revisions/runtimes-in';
import { withHeartbeat } from './heartbeat';

/** Plans the removal of what no revision keeps, for one platform or for all in this host's ledger. */
export const planPrune =
  (deps: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const platform = await platformIn(deps, parsePruneInput(given));
      const warnings: string[] = [];
      const steps: PruneStep[] = [];
      const records: Array<Pick<DesiredService, 'runtime'>> = [];
      for (const key of await keysOf(deps, platform)) {
        const { epoch, owner } = await readFence({ home: deps.home, ...key });
        if (owner && !(await hasEnded(owner, deps.temporal))) {
          warnings.push(`${key.platform}/${key.service} is left alone: ${owner.workflowId} holds it`);
          continue;
        }
        const before = steps.map((step) => step.removal);
        const removal = withSharedOnce([...before, await unkeptOf(deps, key)]).at(-1)!;
        if (isNothing(removal)) continue;
        const { service } = key;
        const { runtime } = (await deps.ledger.of(key).revisions()).at(-1)?.desired ?? {};
        records.push({ runtime });
        const id = `${key.platform}/${service}/prune`;
        const needs = steps.slice(-1).map((step) => step.id);
        steps.push({
          kind: 'prune',
          id,
          service,
          host: deps.host,
          ...(runtime && { runtime }),
          epoch: epoch + 1,
          needs,
          removal,
        });
      }
      return {
        format: 1,
        platform: platform ?? '*',
        host: deps.host,
        engine: engineText(await Promise.all(runtimesIn(deps, records).map((one) => one.identity()))),
        steps,
        undo: [],
        onFailure: {},
        services: [],
        warnings: [...warnings, ...(await strangers(deps, platform))],
        proxies: {},
        source: { folder: '', versions: {}, files: {} },
        removals: steps.map(({ removal }) => removal),
      };
    });

async function platformIn({ specs }: Deps, { platform, env }: PruneInput): Promise<string | undefined> {
  if (platform !== undefined) return await keptName(specs, { platform, env });
  if (env === undefined) return undefined;
  throw new BelayError('input-invalid', `the input of the prune is wrong: env: ${env} needs a platform`, {
    hint: 'write platform beside it',
  });
}

async function keysOf({ home, ledger }: Deps, platform?: string): Promise<ServiceKey[]> {
  const known = await ledger.platforms();
  if (platform !== undefined && !known.includes(platform)) throw unknownPlatform(platform, known);
  return (await servicesOf(home)).filter((key) => platform === undefined || key.platform === platform);
}
