import type { z } from 'zod';
import { BelayError } from '../errors';
import { problemsOf } from '../spec/issues';
import { inputSchema } from '../spec/json-schema';
import { formatPath, formatProblem } from '../spec/problem';
import { json, sentenceIn } from '../spec/sentences';
import { refuseUnfit } from '../spec/shell';
import {
  BackupInput,
  DrillInput,
  DropInput,
  InspectInput,
  PruneInput,
  ReleaseInput,
  RestoreInput,
  RetireInput,
  RollbackInput,
} from './requests';

/**
 * The input of a release, with its defaults; a missing input counts as empty.
 * @throws BelayError `input-invalid` with every problem in its message.
 */
export function parseReleaseInput(input: unknown): ReleaseInput {
  const parsed = parseInput({ schema: ReleaseInput, input, what: 'release' });
  refuseUnfit(parsed.set);
  return { ...parsed, versions: bare(parsed.versions), instances: bare(parsed.instances) };
}

/** A copy without a prototype: a service may have the name of a member that every object has. */
const bare = <T>(record: Record<string, T>): Record<string, T> => Object.assign(Object.create(null), record);

/**
 * The input of a rollback, with its defaults; a missing input counts as empty.
 * @throws BelayError `input-invalid` with every problem in its message.
 */
export const parseRollbackInput = (input: unknown): RollbackInput =>
  parseInput({ schema: RollbackInput, input, what: 'rollback' });

/** The input of a drop; see `parseRollbackInput`. */
export const parseDropInput = (input: unknown): DropInput => parseInput({ schema: DropInput, input, what: 'drop' });

/** The input of a prune; see `parseRollbackInput`. */
export const parsePruneInput = (input: unknown): PruneInput => parseInput({ schema: PruneInput, input, what: 'prune' });

/** The input of a backup; see `parseRollbackInput`. */
export const parseBackupInput = (input: unknown): BackupInput =>
  parseInput({ schema: BackupInput, input, what: 'backup' });

/** The input of a drill; see `parseRollbackInput`. */
export const parseDrillInput = (input: unknown): DrillInput => parseInput({ schema: DrillInput, input, what: 'drill' });

/** The input of a restore; see `parseRollbackInput`. */
export const parseRestoreInput = (input: unknown): RestoreInput =>
  parseInput({ schema: RestoreInput, input, what: 'restore' });

/** The input of a retirement, which ends a warm set; see `parseRollbackInput`. */
export const parseRetireInput = (input: unknown) => parseInput({ schema: RetireInput, input, what: 'retirement' });

/** The input of an inspection; see `parseRollbackInput`. */
export const parseInspectInput = (input: unknown): InspectInput =>
  parseInput({ schema: InspectInput, input, what: 'inspection' });

/** The way out for a form that takes the input as JSON, such as that of the Web UI. */
export const formHint = 'start it with one object, such as { "platform": "shop" }';

const inJson = sentenceIn(json);

function parseInput<T extends z.ZodType>({
  schema,
  input,
  what,
}: {
  schema: T;
  input: unknown;
  what: string;
}): z.output<T> {
  const data = input ?? {};
  if (typeof data !== 'object' || Array.isArray(data))
    throw new BelayError('input-invalid', `the input of the ${what} is not one object`, { hint: formHint });
  const result = schema.safeParse(data, { error: inJson });
  if (result.success) return result.data;
  const problems = problemsOf(result.error.issues, { schema: inputSchema(schema), data, notation: json });
  const text = problems.map((one) => formatProblem({ ...one, path: formatPath(one.path) })).join('; ');
  throw new BelayError('input-invalid', `the input of the ${what} is wrong: ${text}`, {
    hint: formHint,
  });
}
