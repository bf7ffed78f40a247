import { deserialize, serialize } from 'node:v8';
import { BelayError, isErrorCode } from '../../../src/errors';

/** What passes between a test and a program in a machine, a line each. */
export type Message =
  | { call: number; function: number; args: unknown[] }
  | { abort: number; reason: Failure }
  | { answer: number; value: unknown }
  | { answer: number; failure: Failure };

export interface Failure {
  message: string;
  name?: string;
  code?: unknown;
  hint?: string;
  workflowId?: string;
  stack?: string;
}

/** What takes the place of all that is no plain data. */
export interface Replace {
  /** `name` is its key in `owner`. */
  function(value: (...args: unknown[]) => unknown, name: string, owner: object): unknown;
  signal(value: AbortSignal): unknown;
  reference(value: Reference): unknown;
}

/** Stands for a function or a signal of the other side. */
export interface Reference {
  refersTo: 'function' | 'signal';
  id: number;
  /** The function's. */
  name?: string;
  /** Why, if the signal is aborted already. */
  reason?: Failure;
}

export const lineOf = (message: Message): string => serialize(message).toString('base64');

export const messageOf = (line: string): Message => deserialize(Buffer.from(line, 'base64')) as Message;

/** Returns a copy in which every function, signal and reference is replaced. */
export function replaced(value: unknown, replace: Replace, name = '', owner: object = {}): unknown {
  if (typeof value === 'function') return replace.function(value as () => unknown, name, owner);
  if (value instanceof AbortSignal) return replace.signal(value);
  if (Array.isArray(value)) return Array.from(value, (one) => replaced(one, replace));
  if (Object.prototype.toString.call(value) !== '[object Object]') return value;
  if ('refersTo' in (value as object)) return replace.reference(value as Reference);
  return Object.fromEntries(
    Object.entries(value as object).map(([key, one]) => [key, replaced(one, replace, key, value as object)]),
  );
}

export function failureOf(error: unknown): Failure {
  const { message = String(error), name, stack, code, hint, workflowId } = (error ?? {}) as Partial<Failure>;
  return { message, name, stack, code, hint, workflowId };
}

/** Returns the error again, with the stack of the other side. */
export function errorOf({ message, name, code, hint, workflowId, stack }: Failure): Error {
  const error = isErrorCode(code)
    ? new BelayError(code, message, { hint, workflowId })
    : Object.assign(new Error(message), { code });
  return Object.assign(error, { name: name ?? error.name, stack: stack ?? error.stack });
}
