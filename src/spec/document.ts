import type { Position } from './locate';
import { isFromOverlay, isMap, laidOver, overlayProblems } from './overlay';
import type { Path, Problem } from './problem';
import { readYaml, type YamlFile } from './read-yaml';

/** A text, with its name in errors. */
export interface NamedText {
  text: string;
  file: string;
}

/** The file of an environment, which overrides parts of `belay.yaml`. */
export interface Overlay extends NamedText {
  env: string;
}

export interface Place extends Position {
  file: string;
}

/** The data of a spec from one file or two, where every part knows its position. */
export interface SpecDocument {
  /** The parsed data; absent if the file cannot be parsed. */
  data?: unknown;
  /** Problems of the files themselves. */
  problems: Array<Problem & { place: Place }>;
  place(path: Path, atKey?: boolean): Place;
}

/** The document of a single `belay.yaml`. */
export function oneFile({ text, file }: NamedText): SpecDocument {
  return documentOf(readYaml(text), file);
}

/** The document of a `belay.yaml` with an overlay. An empty overlay changes nothing but the platform's name. */
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
