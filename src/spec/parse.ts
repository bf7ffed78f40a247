import { problemsOf } from './issues';
import { inputSchema, type JsonSchema } from './json-schema';
import type { Position } from './locate';
import { findNotBuilt } from './not-built';
import { formatPath, formatSpecErrors, type Problem, type SpecError } from './problem';
import { pruned } from './pruned';
import { readYaml } from './read-yaml';
import { refusals } from './refusals';
import { own } from './schema-at';
import { sentence } from './sentences';
import { Spec } from './spec';

export { formatSpecErrors, type SpecError } from './problem';

/**
 * The spec in the text of a `belay.yaml`, or everything that is wrong with it at once, in the order of the file.
 * `file` is only the name that errors carry. Never throws.
 */
export function parseSpec({ text, file }: { text: string; file: string }): { spec: Spec } | { errors: SpecError[] } {
  const yaml = readYaml(text);
  const checked: Checked = yaml.data === undefined ? { problems: [] } : check(yaml.data);
  const said = new Set(yaml.problems.map((one) => formatPath(one.path)).filter((path) => path !== ''));
  const placed = [
    ...yaml.problems.map((problem) => ({ problem, position: problem.position })),
    ...checked.problems
      .filter((problem) => !said.has(formatPath(problem.path)))
      .map((problem) => ({ problem, position: yaml.locate(problem.path, problem.atKey) })),
  ];
  if (placed.length === 0 && checked.spec) return { spec: checked.spec };
  return { errors: once(placed.map((one) => errorOf(one, file))).sort(byPosition) };
}

interface Checked {
  spec?: Spec;
  problems: Problem[];
}

/**
 * Checks what is there, takes out what is wrong, and checks the rest, until only the refusals are left to be asked. So
 * one mistake hides no other; what depends on a part that was taken out is not said.
 */
function check(data: unknown): Checked {
  const proxies = Object.keys(Object(own(data, 'proxies')));
  const rest = pruned(data);
  const refused = findNotBuilt(data);
  const problems = refused.map((one) => one.problem);
  for (const one of refused) rest.prune(one.prune);

  let result = parse(data);
  while (!result.success) {
    const found = problemsOf(result.error.issues, { schema: schema(), data }).map((one) =>
      original(one, rest.original),
    );
    for (const { means } of found) if (means) rest.doubt(means);
    problems.push(...found.filter((one) => !rest.touches(one.path)));
    const changed = found.map((one) => rest.prune(one.path)).some(Boolean);
    if (!changed) return { problems };
    result = parse(data);
  }
  const refusing = refusals({ spec: result.data, proxies }).map((one) => original(one, rest.original));
  const certain = refusing.filter((one) => ![one.path, ...(one.reads ?? [])].some(rest.touches));
  return { spec: result.data, problems: [...problems, ...certain] };
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

function errorOf({ problem, position }: { problem: Problem; position: Position }, file: string): SpecError {
  const { message, hint } = problem;
  return { file, ...position, path: formatPath(problem.path), message, ...(hint && { hint }) };
}

/** A damaged file can be found wrong many times over in the same words. */
const once = (errors: SpecError[]): SpecError[] => [
  ...new Map(errors.map((one) => [formatSpecErrors([one]), one])).values(),
];

const byPosition = (a: SpecError, b: SpecError): number => a.line - b.line || a.column - b.column;
