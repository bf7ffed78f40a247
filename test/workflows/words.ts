import fc from 'fast-check';
import { messages } from '../../src/model/messages';
import { plan } from './plans';

/** A release with one gate, and whatever may be said to it while it waits there. */

export const given = plan({
  instances: 2,
  strategy: { kind: 'rolling' as const, surge: 1, unavailable: 0, pause_after: 1 },
});
export const gate = 'api/approve';
export const number = 1 + given.steps.findIndex((step) => step.id === gate);

export interface Word {
  how: 'signal' | 'update';
  name: string;
  data: unknown[];
}

const step = fc.oneof(
  fc.constantFrom<unknown>(gate, number, `${number}`, 'u1', 99, '99', 0, -1, 1.5, '', 'api/launch/shop-api-r2-1'),
  fc.string(),
);
/** Values that are no text, and look like it. */
const odd = [
  ...['by', 'reason', 'step'].map((key) => ({ by: 'ben', [key]: { toString: 'ben', valueOf: 1, toJSON: 1 } })),
  { by: 'ben', reason: '\ud83d', step: '\ud83d' },
];
const json = fc.jsonValue({ maxDepth: 2 });
const nearly = fc.oneof(
  fc.record(
    { by: fc.oneof(fc.constant('ben'), fc.string(), json), reason: fc.oneof(fc.string(), json), step },
    { requiredKeys: [] },
  ),
  fc.constantFrom<unknown>({ who: 'ben' }, 'ben', ['ben'], { By: 'ben' }, { by: ['ben'] }, { by: 'ben', steps: 1 }),
  fc.constantFrom(...odd),
  fc.dictionary(fc.constantFrom('by', 'reason', 'step', 'who', 'setp', '__proto__', 'toString'), json),
);
export const words: fc.Arbitrary<Word> = fc.record({
  how: fc.constantFrom('signal' as const, 'update' as const),
  name: fc.oneof(
    { weight: 3, arbitrary: fc.constant('approve') },
    { weight: 5, arbitrary: fc.constantFrom<string>(...messages) },
    { weight: 1, arbitrary: fc.constantFrom('aprove', 'Approve', 'progress', 'toString', '__proto__', 'status') },
    { weight: 1, arbitrary: fc.constantFrom('__temporal_x', '__temporal_workflow_metadata', '__stack_trace') },
    { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 50 }) },
  ),
  data: fc.oneof(
    { weight: 8, arbitrary: fc.oneof(nearly, json).map((one) => [one]) },
    { weight: 1, arbitrary: fc.array(nearly, { maxLength: 3 }) },
  ),
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns true for an approval of this gate or another decision, written again by other means than the code's. */
export function isDecision({ name, data }: Word): boolean {
  const [said = {}, ...others] = data.map((one) => one ?? {});
  if (others.length > 0 || !isObject(said)) return false;
  const keys = new Map([
    ['approve', ['by', 'reason', 'step']],
    ['reject', ['by', 'reason']],
    ['rollback', ['by', 'reason']],
  ]).get(name);
  if (!keys || Object.keys(said).some((key) => !keys.includes(key))) return false;
  const { by, reason = '', step: meant = gate } = said;
  if (typeof reason !== 'string' || reason.length > 2000) return false;
  const named = typeof by === 'string' && /\S/.test(by) && by.length <= 200;
  if (!(named || (by === undefined && name === 'rollback'))) return false;
  return [gate, number, `${number}`].includes(meant as string);
}
