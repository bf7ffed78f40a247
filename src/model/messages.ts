import { formatPath, formatProblem, type Problem } from '../spec/problem';
import { didYouMean, json, namesHint, tooLong, wrongType } from '../spec/sentences';

/** The keys that a message may and must carry. */
interface Form {
  /** One sentence, for menus. */
  does: string;
  keys: Key[];
  required?: Key[];
}

type Key = keyof typeof values;

/** Longest name of a person, in characters. */
export const longestName = 200;

/** Longest texts, in characters: a release keeps every message, and its status must stay small. */
const values = {
  by: { what: 'who says it', example: '"ana"', most: longestName },
  reason: { what: 'why', example: '"looks good"', most: 2000, mayBeEmpty: true },
  step: { what: 'the step meant, by its number in the plan or its id', example: '"7"', most: 500, mayBeNumber: true },
} satisfies Record<
  string,
  { what: string; example: string; most: number; mayBeEmpty?: boolean; mayBeNumber?: boolean }
>;

/**
 * The messages that a person can send to a running release, each with one object. A decision at a gate names its
 * author.
 */
const forms = {
  pause: { does: 'Start no new steps; running steps finish.', keys: ['by', 'reason'] },
  resume: { does: 'Continue after a pause.', keys: ['by', 'reason'] },
  approve: {
    does: 'Let the release pass the gate it waits at.',
    keys: ['by', 'reason', 'step'],
    required: ['by'],
  },
  reject: { does: 'Refuse the gate it waits at: the release rolls back.', keys: ['by', 'reason'], required: ['by'] },
  rollback: { does: 'Stop, and roll back to the former revisions.', keys: ['by', 'reason'] },
  retry: { does: 'Try a failed step again.', keys: ['by', 'reason', 'step'] },
  skip: {
    does: 'Skip a failed test (validate), or the rest of a drain or a soak.',
    keys: ['by', 'reason', 'step'],
  },
} satisfies Record<string, Form>;

export type Message = keyof typeof forms;

export const messages = Object.keys(forms) as Message[];
export const isMessage = (name: string): name is Message => messages.includes(name as Message);

/** Added to an accepted message that takes effect later. */
export const pausedStill = 'the release is still paused, and continues after a resume';

/** Kinds of workflows, by their workflow types. */
export const kinds = ['release', 'rollback', 'retire', 'drop', 'prune', 'backup', 'drill', 'restore'] as const;
export type Kind = (typeof kinds)[number];

/** Returns the kind that a workflow's id begins with; a release's for another id. Pure. */
export const kindOf = (workflowId: string): Kind =>
  kinds.find((kind) => workflowId.startsWith(`${kind}/`)) ?? 'release';

/** True if a workflow of the kind goes back when a step of it fails, or a person asks. */
export const goesBack = (kind: Kind): boolean => reversible.includes(kind);
const reversible: Kind[] = ['release', 'restore'];

/** All workflow types that can be started. */
export const workflowTypes: readonly string[] = [...kinds, 'inspect', 'watch'];

const formOf = (message: Message): Form => forms[message];

/** Description for the Web UI's menus: the effect, and the keys, with ? at optional ones. */
export function description(message: Message): string {
  const { does, keys, required = [] } = formOf(message);
  return `${does} { ${keys.map((key) => (required.includes(key) ? key : `${key}?`)).join(', ')} }`;
}

/**
 * The problem with a message's data, with the right form; undefined for valid data. Workflow, client and command line
 * share it. Pure.
 * @param given the inputs of the message: none, or one object.
 */
export function wrongData(message: Message, given: unknown[]): string | undefined {
  const problems = problemsOf(formOf(message), given);
  if (problems.length === 0) return undefined;
  const text = problems.slice(0, most).map((one) => formatProblem({ ...one, path: formatPath(one.path) }));
  const more = problems.length > most ? [`and ${problems.length - most} more`] : [];
  return `the data of ${message} is wrong: ${[...text, ...more].join('; ')}; write it as ${exampleOf(formOf(message))}`;
}

/** Most problems in one answer; a release keeps every answer. */
const most = 5;

/** The error for an unknown signal or update, with the known names. Pure. */
export const unknownName = (what: 'signal' | 'update', name: string): string =>
  unknown({ what, name, known: messages });

/** The error for an unknown workflow type, with the types that people start. Pure. */
export const unknownKind = (name: string): string =>
  unknown({ what: 'workflow type', name, known: workflowTypes.filter((type) => !ofReleases.includes(type)) });

/** Types that only a release starts. */
const ofReleases = ['retire', 'watch'];

function unknown({ what, name, known }: { what: string; name: string; known: string[] }): string {
  const short = name.slice(0, 80);
  return `there is no ${what} ${JSON.stringify(short)}; ${namesHint(short, known)}`;
}

function problemsOf(form: Form, given: unknown[]): Problem[] {
  if (given.length > 1) return [{ path: [], message: `takes one object, not ${given.length} inputs` }];
  const data = given[0] ?? {};
  if (typeof data !== 'object' || Array.isArray(data)) return [{ path: [], message: wrongType('object', data, json) }];
  const fields = data as Record<string, unknown>;
  const others = Object.keys(fields).filter((key) => !form.keys.includes(key as Key));
  return [
    // A workflow task may take five seconds. Suggestions for 200,000 unknown keys would use most of them, so the rest
    // is only counted.
    ...others.map((key, at) => (at < most ? unknownKey(key, form) : notTold)),
    ...form.keys.flatMap((key) => problemAt(key, fields[key], form)),
  ];
}

const notTold: Problem = { path: [], message: 'is not a known key' };

function unknownKey(key: string, { keys }: Form): Problem {
  const meant = didYouMean(key.slice(0, 80), keys);
  const hint = meant ? `did you mean ${meant}?` : `the keys here are ${keys.join(', ')}`;
  return { path: [key.slice(0, 80)], message: 'is not a known key', hint };
}

function problemAt(key: Key, value: unknown, { required = [] }: Form): Problem[] {
  const { what, most, ...may }: { what: string; most: number; mayBeEmpty?: boolean; mayBeNumber?: boolean } =
    values[key];
  const wrong = (message: string, hint?: string) => [{ path: [key], message, ...(hint && { hint }) }];
  if (value === undefined) return required.includes(key) ? wrong('is missing', `write ${json.key(key)} (${what})`) : [];
  if (may.mayBeNumber && typeof value === 'number')
    return Number.isInteger(value) && value > 0 ? [] : wrong(`takes ${what}, not ${value}`);
  if (typeof value !== 'string') return wrong(wrongType('string', value, json));
  if (!may.mayBeEmpty && value.trim() === '') return wrong('is empty', `write ${json.key(key)} (${what})`);
  return value.length > most ? wrong(tooLong(value, most)) : [];
}

/** Without the step: a copied number would mean another one. */
const exampleOf = ({ keys }: Form): string =>
  `{ ${keys.flatMap((key) => (key === 'step' ? [] : [`"${key}": ${values[key].example}`])).join(', ')} }`;
