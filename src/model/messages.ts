import { formatPath, formatProblem, type Problem } from '../spec/problem';
import { didYouMean, tooLong, wrongType } from '../spec/sentences';

/** What a message may carry, and what it has to. */
interface Form {
  /** One sentence, for menus. */
  does: string;
  keys: Key[];
  required?: Key[];
}

type Key = keyof typeof values;

/** Of who says something, in characters. */
export const longestName = 200;

/** Longest texts, in characters: a release keeps what was said, and still has to answer. */
const values = {
  by: { what: 'who says it', example: '"ana"', most: longestName },
  reason: { what: 'why', example: '"looks good"', most: 2000, mayBeEmpty: true },
  step: { what: 'the step meant, by its number in the plan or its id', example: '"7"', most: 500, mayBeNumber: true },
} satisfies Record<
  string,
  { what: string; example: string; most: number; mayBeEmpty?: boolean; mayBeNumber?: boolean }
>;

/** What a person can say to a running release, each with one object. Whoever decides at a gate says who that is. */
const forms = {
  pause: { does: 'Start nothing new; what runs, finishes.', keys: ['by', 'reason'] },
  resume: { does: 'Go on after a pause.', keys: ['by', 'reason'] },
  approve: {
    does: 'Let the release pass the gate it waits at.',
    keys: ['by', 'reason', 'step'],
    required: ['by'],
  },
  reject: { does: 'Refuse the gate it waits at: the release rolls back.', keys: ['by', 'reason'], required: ['by'] },
  rollback: { does: 'Stop, and go back to what ran before.', keys: ['by', 'reason'] },
  retry: { does: 'Try a failed step again.', keys: ['by', 'reason', 'step'] },
  skip: {
    does: 'Go on without a failed check, or without the rest of a drain or a soak.',
    keys: ['by', 'reason', 'step'],
  },
} satisfies Record<string, Form>;

export type Message = keyof typeof forms;

export const messages = Object.keys(forms) as Message[];
export const isMessage = (name: string): name is Message => messages.includes(name as Message);

/** Said with what is heard, and has to wait. */
export const pausedStill = 'it is paused still, and goes on after a resume';

/** Kinds of workflows, by the names under which they are started. */
export const kinds = ['release', 'rollback', 'retire', 'drop', 'prune'] as const;
export type Kind = (typeof kinds)[number];

/** Every name under which a workflow may be started. */
export const workflowTypes: readonly string[] = [...kinds, 'inspect'];

const formOf = (message: Message): Form => forms[message];

/** For the Web UI's menus: what it does, and its keys, with ? at those that may be left out. */
export function description(message: Message): string {
  const { does, keys, required = [] } = formOf(message);
  return `${does} { ${keys.map((key) => (required.includes(key) ? key : `${key}?`)).join(', ')} }`;
}

/**
 * What is wrong with the data of a message, with the right form; undefined when nothing is. Workflow, client and command
 * line go by it alike. Pure.
 * @param given the inputs that came with it: none, or one object.
 */
export function wrongData(message: Message, given: unknown[]): string | undefined {
  const problems = problemsOf(formOf(message), given);
  if (problems.length === 0) return undefined;
  const text = problems.slice(0, most).map((one) => formatProblem({ ...one, path: formatPath(one.path) }));
  const more = problems.length > most ? [`and ${problems.length - most} more`] : [];
  return `the data of ${message} is wrong: ${[...text, ...more].join('; ')}; write it as ${exampleOf(formOf(message))}`;
}

/** Problems that are told; a release keeps what it was told. */
const most = 5;

/** What no handler of a release is named, with those that are. Pure. */
export const unknownName = (what: 'signal' | 'update', name: string): string =>
  unknown({ what, name, known: messages });

/** What no workflow is named, with those that people start. Pure. */
export const unknownKind = (name: string): string =>
  unknown({ what: 'workflow type', name, known: workflowTypes.filter((type) => type !== 'retire') });

function unknown({ what, name, known }: { what: string; name: string; known: string[] }): string {
  const meant = didYouMean(name.slice(0, 80), known);
  return `there is no ${what} ${JSON.stringify(name.slice(0, 80))}${meant ? `, did you mean ${meant}?` : ''}; there are: ${known.join(', ')}`;
}

function problemsOf(form: Form, given: unknown[]): Problem[] {
  if (given.length > 1) return [{ path: [], message: `takes one object, not ${given.length} inputs` }];
  const data = given[0] ?? {};
  if (typeof data !== 'object' || Array.isArray(data)) return [{ path: [], message: wrongType('object', data) }];
  const fields = data as Record<string, unknown>;
  const others = Object.keys(fields).filter((key) => !form.keys.includes(key as Key));
  return [
    // A task may take five seconds; what each of 200,000 keys was meant to be takes most of them. The rest is only counted.
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
  if (value === undefined) return required.includes(key) ? wrong('is missing', `write ${key}: … (${what})`) : [];
  if (may.mayBeNumber && typeof value === 'number')
    return Number.isInteger(value) && value > 0 ? [] : wrong(`takes ${what}, not ${value}`);
  if (typeof value !== 'string') return wrong(wrongType('string', value));
  if (!may.mayBeEmpty && value.trim() === '') return wrong('is empty', `write ${key}: … (${what})`);
  return value.length > most ? wrong(tooLong(value, most)) : [];
}

const exampleOf = ({ keys }: Form): string => `{ ${keys.map((key) => `"${key}": ${values[key].example}`).join(', ')} }`;
