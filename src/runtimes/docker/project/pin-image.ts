import { asBelayError, BelayError } from '../../../errors';
import type { PinnedImage } from '../../../model/artifact';
import type { Engine } from '../engine';

type Images = { engine: Pick<Engine, 'pin' | 'has' | 'underName'> };

/** A requested image with its digest, and warnings for people. */
export interface Pinned {
  image: PinnedImage;
  warning?: string;
}

const excused = ['image-unknown', 'registry-denied', 'registry-unreachable'];

/**
 * The image pinned to its digest. The registry comes first, then the last release of the same reference, then the
 * host's image of that name. A warning tells when the registry was not used. Throws where none of them has it.
 */
export async function pinImage(
  { engine }: Images,
  { ref, former }: { ref: string; former?: PinnedImage },
): Promise<Pinned> {
  try {
    return { image: await engine.pin(ref) };
  } catch (error) {
    const { code, message } = asBelayError(error);
    if (!excused.includes(code)) throw error;
    const isKept = former?.ref === ref && (await engine.has(former));
    const image = isKept ? former : await engine.underName(ref);
    if (!image) throw error;
    const from = isKept ? 'the image of the last release' : 'the image that this host has under that name';
    return { image, warning: `${message}: Belay uses ${from}, ${image.digest.slice(0, 19)}` };
  }
}

/** As `pinImage`, for a managed proxy; errors say where the spec names the image. */
export async function pinProxyImage(
  deps: Images,
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

/** Pins each reference once, so that it has the same digest for all who ask even if its tag moves. */
export function pinningOnce(engine: Engine): Engine {
  const asked = new Map<string, Promise<PinnedImage>>();
  const pin = (ref: string): Promise<PinnedImage> => {
    const answer = asked.get(ref) ?? engine.pin(ref);
    asked.set(ref, answer);
    return answer;
  };
  return { ...engine, pin };
}
