import { asBelayError, BelayError } from '../errors';
import type { Deps } from '../host';
import type { PinnedImage } from '../model/observed';

/** An image that was asked for, by what cannot move, and what a person has to know of it. */
export interface Pinned {
  image: PinnedImage;
  warning?: string;
}

const excused = ['image-unknown', 'registry-denied', 'registry-unreachable'];

/**
 * The image as its registry has it. Where that cannot be had from there, it is the one of the last release with this very
 * reference. Else it is what the host has under that very name, as Compose would take it. The warning says so. Throws
 * where there is neither.
 */
export async function pinImage(
  { runtime }: Pick<Deps, 'runtime'>,
  { ref, former }: { ref: string; former?: PinnedImage },
): Promise<Pinned> {
  try {
    return { image: await runtime.pin(ref) };
  } catch (error) {
    const { code, message } = asBelayError(error);
    if (!excused.includes(code)) throw error;
    const isKept = former?.ref === ref && (await runtime.has(former));
    const image = isKept ? former : await runtime.underName(ref);
    if (!image) throw error;
    const from = isKept ? 'the image of the last release' : 'the image that this host has under that name';
    return { image, warning: `${message}: ${from} is taken, ${image.digest.slice(0, 19)}` };
  }
}

/** As `pinImage`, of a proxy that Belay runs: what is thrown says where the spec names its image. */
export async function pinProxyImage(
  deps: Pick<Deps, 'runtime'>,
  { name, ...asked }: { name: string; ref: string; former?: PinnedImage },
): Promise<Pinned> {
  return await pinImage(deps, asked).catch((error: unknown) => {
    const { code, message, hint } = asBelayError(error);
    if (!excused.includes(code)) throw error;
    const another = `to take another image, change proxies.${name}.image in belay.yaml`;
    throw new BelayError(code, `proxies.${name}.image: ${message}`, {
      hint: hint ? `${hint}; ${another}` : another,
      cause: error,
    });
  });
}

/** Services of one release that name the same image get the same, though its tag moves meanwhile; its registry is asked once. */
export function pinningOnce<W extends Pick<Deps, 'runtime'>>(deps: W): W {
  const asked = new Map<string, Promise<PinnedImage>>();
  const pin = (ref: string): Promise<PinnedImage> => {
    const answer = asked.get(ref) ?? deps.runtime.pin(ref);
    asked.set(ref, answer);
    return answer;
  };
  return { ...deps, runtime: { ...deps.runtime, pin } };
}
