import type { Deps, StepInput, StepResult } from '../../src/host';
import type { PullStep } from '../../src/model/plan';
import { revisionTag } from '../../src/revisions/tags';
import { takeTurn } from './turn';

/** Ensures that the image is on the host, by its digest, and under the revision's own tag. */
export const pull =
  (deps: Deps) =>
  (input: StepInput<PullStep>): Promise<StepResult> =>
    takeTurn(deps, input, async ({ effect, signal, token }) => {
      const { image, revision } = input.step;
      const tag = revisionTag(token.platform, token.service, revision);
      await effect('pull.image', () => deps.runtime.fetch({ image, tag, signal }), {
        ahead: () => deps.runtime.fetch({ image, signal }),
      });
      return { note: image.digest.slice(0, 19) };
    });
