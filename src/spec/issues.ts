import type { z } from 'zod';
import type { JsonSchema } from './json-schema';
import type { Path, Problem } from './problem';
import { runtimeKeys, runtimeKinds, usualRuntime } from './runtimes';
import { keysOf, kindsWith, own, schemaAt } from './schema-at';
import { didYouMean, type Notation, splitSentence } from './sentences';

type Issue = z.core.$ZodIssue;

interface Context {
  schema: JsonSchema;
  data: unknown;
  notation: Notation;
}

/**
 * zod's issues as problems. The error map `sentence` has worded most of them. This adds the texts that need more than
 * one value: known keys beside an unknown one, and the use of a missing key.
 */
export function problemsOf(issues: Issue[], context: Context): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path, context);
    const inside = issuesInside(issue);
    if (inside) return problemsOf(inside, context);
    const said = splitSentence(issue.message);
    if (issue.code === 'invalid_key') return [{ path, atKey: true as const, ...said }];
    if (path.length === 0 && issue.code === 'invalid_type')
      return [{ path, message: 'is not a mapping', hint: `write ${context.notation.mapping}` }];
    if (isNothing(path, context.data)) return [{ path, ...said, hint: said.hint ?? purposeOf(path, context) }];
    return [{ path, ...said }];
  });
}

/** Returns the faults inside the one form that a value of several possible ones has; undefined if it has none of them. */
function issuesInside(issue: Issue): Issue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  const isForm = (list: Issue[]) => list.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys');
  const [form, ...others] = issue.errors.filter((list) => list.length > 0 && isForm(list));
  if (!form || others.length > 0) return undefined;
  return form.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
}

function unknownKeys(keys: string[], path: Path, context: Context): Problem[] {
  const known = keysOf(schemaAt({ ...context, path }));
  return keys.map((key) => {
    const meant = didYouMean(key, known);
    const hint = meant
      ? `did you mean ${meant}?`
      : (elsewhere(key, path, context.data) ??
        ofOtherKind(key, path, context) ??
        `the keys here are ${known.join(', ')}`);
    return {
      path: [...path, key],
      atKey: true,
      message: 'is not a known key',
      hint,
      ...(meant && { means: [...path, meant] }),
    };
  });
}

/** Compose keys that people write in a spec. */
const composeKeys = [
  'build',
  'command',
  'container_name',
  'depends_on',
  'deploy',
  'entrypoint',
  'environment',
  'env_file',
  'labels',
  'networks',
  'ports',
  'restart',
  'user',
];

function elsewhere(key: string, path: Path, data: unknown): string | undefined {
  if (path.length !== 2 || path[0] !== 'services') return undefined;
  const runtime = own(own(own(data, 'services'), path[1]!), 'runtime') ?? usualRuntime;
  const other = runtimeKinds.find((kind) => kind !== runtime && Object.hasOwn(runtimeKeys[kind], key));
  if (other && !(runtime === 'docker' && composeKeys.includes(key)))
    return other === usualRuntime
      ? `it belongs to a service of ${other}; leave it out`
      : `it belongs to a service of ${other}: write runtime: ${other} too`;
  if (['replicas', 'scale'].includes(key)) return 'write instances';
  return composeKeys.includes(key) ? 'it belongs in the Compose file' : undefined;
}

function ofOtherKind(key: string, path: Path, context: Context): string | undefined {
  const given = path.reduce<unknown>((value, segment) => own(value, segment), context.data);
  const others = kindsWith(key, { ...context, path }).filter((kind) => kind !== own(given, 'kind'));
  return others.length > 0 ? `it belongs to kind: ${others.join(' or ')}` : undefined;
}

/** True for a missing or empty value. */
const isNothing = (path: Path, data: unknown): boolean =>
  path.length > 0 && (path.reduce<unknown>((value, segment) => own(value, segment), data) ?? null) === null;

function purposeOf(path: Path, context: Context): string | undefined {
  const text = schemaAt({ ...context, path })?.description;
  return text && `write ${context.notation.key(String(path.at(-1)))} (${text.replace(/\.$/, '')})`;
}
