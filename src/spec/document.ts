import type { Position } from './locate';
import { isFromOverlay, isMap, laidOver, overlayProblems } from './overlay';
import type { Path, Problem } from './problem';
import { readYaml, type YamlFile } from './read-yaml';

/** A text, and the name that errors give it. */
export interface NamedText {
  text: string;
  file: string;
}

/** The file of an environment, which is laid over `belay.yaml`. */
export interface Overlay extends NamedText {
  env: string;
}

export interface Place extends Position {
  file: string;
}

/** What a spec is read from: one file, or two of which every part knows where it stands. */
export interface SpecDocument {
  /** Absent when it cannot be read at all. */
  data?: unknown;
  /** Of the files themselves. */
  problems: Array<Problem & { place: Place }>;
  place(path: Path, atKey?: boolean): Place;
}

/** One `belay.yaml`. */
export function oneFile({ text, file }: NamedText): SpecDocument {
  return documentOf(readYaml(text), file);
}

/** A `belay.yaml` with an overlay over it. An overlay without content changes nothing but the platform's name. */
export function twoFiles(base: NamedText, { text, file, env }: Overlay): SpecDocument {
  const below = oneFile(base);
  const isEmpty = text.replace(/^\s*(#.*|---\s*)?$/gm, '').trim() === '';
  const yaml = readYaml(isEmpty ? '{}' : text);
  const above = documentOf(yaml, file);
  const data = { base: below.data, over: above.data };
  if (data.base === undefined || data.over === undefined)
    return { problems: [...below.problems, ...above.problems], place: below.place };
  if (!isMap(data.base)) return below;
  const own = overlayProblems(data.base, yaml).map((one) => ({ ...one, place: above.place(one.path, one.atKey) }));
  return {
    data: isMap(data.over) ? laidOver({ ...data, env }) : undefined,
    problems: [...below.problems, ...above.problems, ...own],
    place: (path, atKey) => (isFromOverlay(path, data) ? above : below).place(path, atKey),
  };
}

function documentOf({ data, locate, problems }: YamlFile, file: string): SpecDocument {
  return {
    data,
    problems: problems.map(({ position, ...one }) => ({ ...one, place: { file, ...position } })),
    place: (path, atKey) => ({ file, ...locate(path, atKey) }),
  };
}
