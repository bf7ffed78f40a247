import type { Path, Problem } from '../problem';
import type { Validation } from '../spec';
import type { Rule } from '.';

/** Refuses tests of the new version whose keys do not fit together. */
export const validationRefusals: Rule = ({ service: { validate }, path }) =>
  validate.flatMap((test, index) => {
    const one: Given = { test, at: [...path, 'validate', index], others: validate.slice(0, index) };
    return [repeated, momentTwice, seriesKeys, written].flatMap((rule) => rule(one));
  });

interface Given {
  test: Validation;
  at: Path;
  /** The tests before it. */
  others: Validation[];
}

function repeated({ test, at, others }: Given): Problem[] {
  if (!others.some(({ name }) => name === test.name)) return [];
  const message = 'is the name of another test of this service';
  return [{ path: [...at, 'name'], message, hint: 'give each a name of its own' }];
}

function momentTwice({ test, at }: Given): Problem[] {
  if (new Set(test.when).size === test.when.length) return [];
  return [{ path: [...at, 'when'], message: 'names the same moment twice', hint: 'name each once' }];
}

const ofSeries = ['every', 'count', 'failures', 'inconclusive', 'errors'] as const;

function seriesKeys({ test, at }: Given): Problem[] {
  if (test.when.includes('during')) return [];
  return ofSeries.flatMap((key) => {
    if (test[key] === undefined) return [];
    const message = 'belongs to a series, and before and after measure once';
    const hint = 'leave it out, or write when: [during]';
    return [{ path: [...at, key], atKey: true, message, hint, reads: [[...at, 'when']] }];
  });
}

/** A password in the spec would travel with it. */
function written({ test, at }: Given): Problem[] {
  if (!/:\/\/[^/@]*:[^$/@][^/@]*@/.test(test.prometheus?.url ?? '')) return [];
  const path = [...at, 'prometheus', 'url'];
  return [
    { path, message: 'has a password in it', hint: 'write a variable of the env file in its place, such as $PASSWORD' },
  ];
}
