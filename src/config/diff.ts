import { isDeepStrictEqual } from 'node:util';
import { structuredPatch } from 'diff';
import { type ConfigDocument, openDocument } from './document';
import { maskedText, shownBy } from './shown';
import { type Situation, valueIn } from './situation';

/** A unified diff of a file and its next text, one line each, without values that must not be shown. Pure. */
export function shownDiff(situation: Situation, text: string): string[] {
  const { live, example, was, rules } = situation;
  const next = openDocument({ file: live.file, format: live.format, text });
  const masking = { isShown: shownBy(situation), known: [example, was].map((one) => one?.text ?? '').join('\n') };
  const isNew = (key: string, value: unknown): boolean => {
    const former = Object.entries(rules.rename).find(([from, to]) => to === key && live.keys.has(from))?.[0];
    return !isDeepStrictEqual(valueIn(live, former ?? key), value);
  };
  return diffOf(live, maskedText(live, masking), maskedText(next, { ...masking, isNew }));
}

function diffOf({ file }: ConfigDocument, before: string, after: string): string[] {
  const { hunks } = structuredPatch(file, file, before, after, undefined, undefined, { context: 2 });
  if (hunks.length === 0) return [];
  const parts = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines.map((line) => line.replace(/\r$/, '')),
  ]);
  return [`--- ${file}`, `+++ ${file}`, ...parts];
}
