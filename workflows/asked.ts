import { longestName } from '../src/model/messages';
import { hostNamePattern } from '../src/spec/host-name';
import { told } from './ending';

/** Inputs as they were sent: anything, and any number of them. */
export type Given<T> = [input: T, ...others: unknown[]];

/** The one input; a second one would be dropped in silence, and may be what mattered. */
export function only<T>([input, ...others]: Given<T>): T {
  if (others.length === 0) return input;
  throw told({ type: 'input-invalid', message: `takes one object, not ${others.length + 1} inputs` });
}

/** What a workflow itself reads of its input. Whoever makes the plan says what is wrong with the whole of it. */
export function asked(input: unknown) {
  const fields = isObject(input) ? input : {};
  const text = (key: string): string => {
    const value = fields[key];
    return typeof value === 'string' ? value : '';
  };
  return {
    platform: text('platform'),
    env: text('env'),
    // No worker has another name: whoever polls the common task queue refuses it.
    host: hostNamePattern.test(text('host')) ? text('host') : '',
    by: text('by').trim().slice(0, longestName) || 'unknown',
    reason: text('reason'),
    dryRun: fields.dry_run === true,
    whenRunning: text('when_running'),
    after: typeof fields.after === 'number' && fields.after > 0 ? fields.after : undefined,
  };
}

const isObject = (input: unknown): input is Record<string, unknown> => typeof input === 'object' && input !== null;
