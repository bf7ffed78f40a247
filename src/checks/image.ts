import type { BelayError } from '../errors';
import type { EngineFacts, ImageFacts, Platform } from '../runtimes/runtime';
import { type Finding, fail, warn } from './finding';

type Machine = Pick<EngineFacts, 'os' | 'machines' | 'emulated'>;

/** Machines whose programs these run too: a registry's list is searched for both. */
const alsoRuns: Record<string, string[]> = { amd64: ['386'], arm64: ['arm'] };

/**
 * Checks if the engine can run an image that is here or in its registry. No finding if it can, or if nobody knows.
 * Attestations stand in a list as images for unknown/unknown. Pure.
 */
export function platformFinding(ref: string, { platforms, isList }: ImageFacts, engine: Machine): Finding | undefined {
  const known = platforms.filter(({ os, machine }) => ![os, machine].some((one) => ['', 'unknown'].includes(one)));
  if (known.length === 0 || known.some((one) => isNative(one, engine))) return undefined;
  const own = textOf({ os: engine.os, machine: engine.machines[0]! });
  const text = `image ${ref} is for ${known.map(textOf).join(', ')}, and this engine runs ${own}`;
  const hint = `build it for ${own}: docker build --platform ${own}`;
  // The engine looks in a list for its own platform alone.
  if (isList || known.every(({ os }) => os !== engine.os)) return fail('image', text, hint);
  if (engine.emulated === undefined) return warn('image', `${text}: it needs emulation (binfmt_misc)`, hint);
  if (known.some(({ machine }) => engine.emulated!.includes(machine))) return undefined;
  return fail('image', `${text}, without emulation (binfmt_misc)`, hint);
}

const textOf = ({ os, machine }: Platform): string => `${os}/${machine}`;

const isNative = ({ os, machine }: Platform, engine: Machine): boolean =>
  os === engine.os && engine.machines.some((one) => one === machine || alsoRuns[one]?.includes(machine));

/**
 * The finding of an image whose registry did not give it, and which the host does not have. Only a clear no is the end:
 * a registry may answer later, and a mirror may lack what the engine then finds elsewhere. Pure.
 */
export function missingFinding({ code, message, hint }: BelayError, { mirrored }: { mirrored: boolean }): Finding {
  if (code === 'image-unknown' && !mirrored) return fail('image', message, hint);
  return warn('image', `${message}; the release asks once more when it pulls`, hint);
}
