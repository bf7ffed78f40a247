import { longestName } from '../src/model/messages';
import { hostNamePattern } from '../src/spec/host-name';
import { plainFailure } from './ending';

/** Inputs of a workflow or message as people sent them: any values, any number. */
export type Inputs<T> = [input: T, ...others: unknown[]];

/** Returns the only input. Throws on a second one: Temporal would drop it without a word. */
export function onlyInput<T>([input, ...others]: Inputs<T>): T {
  if (others.length === 0) return input;
  throw plainFailure({ type: 'input-invalid', message: `takes one object, not ${others.length + 1} inputs` });
}

/** Returns the fields that a workflow itself needs, with safe defaults. The planner reports wrong inputs in full. */
export function readInput(input: unknown) {
  const fields = isObject(input) ? input : {};
  const text = (key: string): string => {
    const value = fields[key];
    return typeof value === 'string' ? value : '';
  };
  return {
    platform: text('platform'),
    env: text('env'),
    // Workers with another name refuse to start, so their task queue can have no worker.
    host: hostNamePattern.test(text('host')) ? text('host') : '',
    by: text('by').trim().slice(0, longestName) || 'unknown',
    reason: text('reason'),
    dryRun: fields.dry_run === true,
    whenRunning: text('when_running'),
    after: typeof fields.after === 'number' && fields.after > 0 ? fields.after : undefined,
  };
}

const isObject = (input: unknown): input is Record<string, unknown> => typeof input === 'object' && input !== null;
