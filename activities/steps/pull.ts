import type { Deps, StepInput, StepResult } from '../../src/host';
import { artifactDigest } from '../../src/model/artifact';
import type { PullStep } from '../../src/model/plan';
import { takeTurn } from './turn';

/** Ensures that the artifact is on the host, by its digest, and kept for the revision. */
export const pull =
  (deps: Deps) =>
  (input: StepInput<PullStep>): Promise<StepResult> =>
    takeTurn(deps, input, async ({ effect, signal, token, runtime: { artifacts } }) => {
      const { artifact, revision } = input.step;
      await effect('pull.image', () => artifacts.fetch({ artifact, keep: { ...token, revision }, signal }), {
        ahead: () => artifacts.fetch({ artifact, signal }),
      });
      return { note: artifactDigest(artifact).slice(0, 19) };
    });
