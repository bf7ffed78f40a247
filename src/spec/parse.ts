import { type SpecSurroundings, withFiles } from './compose-choice';
import { type NamedText, type Overlay, oneFile, type Place, type SpecDocument, twoFiles } from './document';
import { problemsOf } from './issues';
import { inputSchema, type JsonSchema } from './json-schema';
import { findNotBuilt } from './not-built';
import { formatPath, formatProblem, formatSpecErrors, type Problem, type SpecError } from './problem';
import { pruned } from './pruned';
import { refusals } from './refusals';
import { own } from './schema-at';
import { sentence, yaml } from './sentences';
import { Spec } from './spec';

export { formatSpecErrors, type SpecError } from './problem';

/**
 * The spec in a `belay.yaml`, with an environment's overlay if given. Otherwise all its errors, in the order of the
 * files. `file` is only its name in errors. Without `around`, Compose files are not read. Never throws.
 */
export function parseSpec({
  overlay,
  around,
  ...base
}: NamedText & { overlay?: Overlay; around?: SpecSurroundings }): { spec: Spec } | { errors: SpecError[] } {
  const document = overlay ? twoFiles(base, overlay) : oneFile(base);
  const checked: Checked =
    document.data === undefined ? { problems: [] } : check(structuredClone(document.data), around);
  const said = new Set(document.problems.map((one) => formatPath(one.path)).filter((path) => path !== ''));
  const found = checked.problems.filter((problem) => !said.has(formatPath(problem.path)));
  const place = overlay ? blaming(base, overlay, around) : undefined;
  const placed = [
    ...document.problems,
    ...found.map((problem) => place?.(problem, document) ?? placedIn(document, problem)),
  ];
  if (placed.length === 0 && checked.spec) return { spec: checked.spec };
  return { errors: once(placed.map(errorOf)).sort(byPosition(base.file)) };
}

type Placed = Problem & { place: Place };

const placedIn = (document: SpecDocument, problem: Problem): Placed => ({
  ...problem,
  place: document.place(problem.path, problem.atKey),
});

/** Assigns each problem to a file: to the overlay only if `belay.yaml` alone does not have it. */
function blaming(base: NamedText, { file }: Overlay, around?: SpecSurroundings) {
  const alone = oneFile(base);
  const known = new Set(alone.data === undefined ? [] : check(alone.data, around).problems.map(formatProblemAt));
  return (problem: Problem, document: SpecDocument): Placed => {
    if (known.has(formatProblemAt(problem))) return placedIn(alone, problem);
    const placed = placedIn(document, problem);
    if (placed.place.file === file || known.size > 0) return placed;
    const way = `without ${file} it is right: change it there, where null removes a key`;
    return { ...placed, hint: placed.hint ? `${placed.hint}; ${way}` : way };
  };
}

const formatProblemAt = (problem: Problem): string => formatProblem({ ...problem, path: formatPath(problem.path) });

interface Checked {
  spec?: Spec;
  problems: Problem[];
}

/**
 * Checks the data, removes the wrong parts and checks the rest, until only refusals are left. So one mistake hides no
 * other. Problems that depend on a removed part are not reported.
 */
function check(data: unknown, around?: SpecSurroundings): Checked {
  const proxies = Object.keys(Object(own(data, 'proxies')));
  const rest = pruned(data);
  const refused = findNotBuilt(data);
  const problems = refused.map((one) => one.problem);
  for (const one of refused) rest.prune(one.prune);

  let result = parse(data);
  while (!result.success) {
    const found = problemsOf(result.error.issues, { schema: schema(), data, notation: yaml }).map((one) =>
      original(one, rest.original),
    );
    for (const { means } of found) if (means) rest.doubt(means);
    problems.push(...found.filter((one) => !rest.touches(one.path)));
    const changed = found.map((one) => rest.prune(one.path)).some(Boolean);
    if (!changed) return { problems };
    result = parse(data);
  }
  const chosen = around ? withFiles(result.data, own(data, 'compose'), around) : { spec: result.data, problems: [] };
  const all = [...chosen.problems, ...refusals({ spec: chosen.spec, proxies, servicesIn: around?.servicesIn })];
  const refusing = all.map((one) => original(one, rest.original));
  // A wrong value is still a present key.
  const certain = refusing.filter(
    ({ path, atKey, reads = [] }) => ![...(atKey ? [] : [path]), ...reads].some(rest.touches),
  );
  return { spec: chosen.spec, problems: [...problems, ...certain] };
}

const parse = (data: unknown) => Spec.safeParse(data, { error: sentence });

let known: JsonSchema | undefined;
const schema = (): JsonSchema => (known ??= inputSchema(Spec));

const original = (problem: Problem, path: (path: Problem['path']) => Problem['path']): Problem => ({
  ...problem,
  path: path(problem.path),
  reads: problem.reads?.map(path),
  means: problem.means && path(problem.means),
});

function errorOf({ path, place, message, hint }: Placed): SpecError {
  return { ...place, path: formatPath(path), message, ...(hint && { hint }) };
}

/** A damaged file can repeat a problem in the same words. */
const once = (errors: SpecError[]): SpecError[] => [
  ...new Map(errors.map((one) => [formatSpecErrors([one]), one])).values(),
];

/** Sorts errors by position, those of the named file first. */
const byPosition =
  (first: string) =>
  (a: SpecError, b: SpecError): number =>
    Number(b.file === first) - Number(a.file === first) || a.line - b.line || a.column - b.column;
