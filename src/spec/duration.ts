import { z } from 'zod';

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds of `500ms`, `5s`, `2m`, `4h` or `30d`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text);
  return match ? Math.round(Number(match[1]) * units[match[2]!]!) : undefined;
}

/** The shortest exact way to write a number of milliseconds: `90s`, `1500ms`, `2m`. */
export function formatDuration(ms: number): string {
  const unit = ['d', 'h', 'm', 's'].find((u) => ms >= units[u]! && ms % units[u]! === 0) ?? 'ms';
  return `${ms / units[unit]!}${unit}`;
}

const sentence = 'is not a duration — write a number and a unit, such as 500ms, 5s, 2m, 4h or 30d';

/** A duration as users write it (`5s`), parsed into milliseconds. */
export const Duration = z
  .string(sentence)
  .regex(pattern, sentence)
  .transform((text) => parseDuration(text)!);

const year = 365 * 86_400_000;

/** A duration of a year at most. */
export const Time = Duration.refine((ms) => ms <= year, 'is longer than a year — write 365d or less');

export const duration = (text: string) => Time.prefault(text);
