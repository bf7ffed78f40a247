import type { Deps, StepInput, StepResult } from '../../src/host';
import type { ServiceKey } from '../../src/hosts/home';
import { imageWord } from '../../src/model/instance-name';
import type { PullStep } from '../../src/model/plan';
import { takeTurn } from './turn';

/** What the tags of a service's images begin with. */
export const imagesOf = ({ platform, service }: ServiceKey): string => `belay/${platform}/${imageWord(service)}:`;

export const revisionTag = (platform: string, service: string, revision: number): string =>
  `${imagesOf({ platform, service })}r${revision}`;

/** The image is on the host, by its digest, and under the revision's own tag. */
export const pull =
  (deps: Deps) =>
  (input: StepInput<PullStep>): Promise<StepResult> =>
    takeTurn(deps, input, async ({ effect, signal, token }) => {
      const { image, revision } = input.step;
      const tag = revisionTag(token.platform, token.service, revision);
      await effect('pull.image', () => deps.runtime.fetch({ image, tag, signal }));
      return { note: image.digest.slice(0, 19) };
    });
