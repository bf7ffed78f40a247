import { proxyTag } from '../src/proxies/managed';
import type { ProxyStep } from '../src/spec/plan';
import type { Deps, StepInput, StepResult } from './deps';
import { takeTurn } from './turn';

/** A proxy of Belay's own serves the service's routes, and nobody else's part of it is touched; or it serves them no more. */
export const proxy =
  (deps: Deps) =>
  (input: StepInput<ProxyStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { platform, service } = turn.token;
      const { proxy: name, front } = input.step;
      if (!front) {
        await turn.effect('proxy.remove', () => deps.fronts.remove({ platform, proxy: name, service }));
        return {};
      }
      const { image } = front;
      const tag = proxyTag(platform, name, image);
      // What takes minutes comes before the lock, which nobody gets meanwhile; an image without a name of ours changes nothing.
      await deps.runtime.fetch({ image, signal: turn.signal });
      await turn.effect('proxy.image', () => deps.runtime.fetch({ image, tag, signal: turn.signal }));
      const { changed, gap } = await turn.effect('proxy.ensure', () => deps.fronts.ensure({ platform, front }));
      return { note: gap ? `${changed}; its published port refused connections for a moment` : changed };
    });
