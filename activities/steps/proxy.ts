import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { PinnedImage } from '../../src/model/artifact';
import type { ProxyStep } from '../../src/model/plan';
import { proxiesOf } from '../../src/observe/proxies';
import { proxyTag } from '../../src/proxies/image-tags';
import { ensureFront, takeFrontAway } from './bring-front';
import { admit } from './swap';
import { type Turn, takeTurn } from './turn';

/**
 * Ensures that a managed proxy serves the service's routes, or no longer serves them. Other services' parts stay
 * untouched.
 */
export const proxy =
  (deps: Deps) =>
  (input: StepInput<ProxyStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { platform } = turn.token;
      const { proxy: name, front, adopt = [], undoes } = input.step;
      if (!front) {
        await takeFrontAway(deps, turn, name);
        return {};
      }
      const tag = proxyTag(platform, name, front.image);
      // The former proxy still runs, or its image could not be pulled now either: a rollback asks no registry.
      if (undoes === undefined || (await deps.engine.has(front.image)))
        await fetchImage(deps, turn, { image: front.image, tag });
      if (adopt.length > 0) await adoptAll(deps, turn, input);
      return await ensureFront(deps, turn, { front });
    });

async function fetchImage(
  { engine }: Deps,
  { effect, signal }: Turn,
  { image, tag }: { image: PinnedImage; tag: string },
): Promise<void> {
  await effect('proxy.image', () => engine.fetch({ image, tag, signal }), {
    ahead: () => engine.fetch({ image, signal }),
  });
}

/** Puts the present instances in traffic at the proxy before clients find it. */
async function adoptAll(deps: Deps, turn: Turn, input: StepInput<ProxyStep>): Promise<void> {
  const { platform } = turn.token;
  const { front, adopt = [] } = input.step;
  await turn.effect('proxy.ensure', () => deps.fronts.ensure({ platform, front: front!, phase: 'unnamed' }));
  const open = proxiesOf(deps, input);
  for (const instance of adopt) {
    if ((await turn.find(instance))?.state !== 'running') continue;
    await admit(deps, turn, { open, instance }).catch((error: unknown) => {
      throw unfit(instance.name, error);
    });
  }
}

function unfit(name: string, error: unknown): unknown {
  if (!(error instanceof BelayError) || error.code !== 'proxy-refused') return error;
  return new BelayError(
    'proxy-refused',
    `${name}, which Compose started, cannot be put behind the proxy: ${error.message}`,
    {
      hint: 'running instances have to pass the readiness check of belay.yaml too; else stop them first (docker compose stop): the service is then down until the new instances are in traffic',
      cause: error,
    },
  );
}
