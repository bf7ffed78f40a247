import type { Path, Problem } from '../problem';
import { countIn, fewestCompared, seriesDefaults } from '../series';
import type { ServiceSpec, StrategySpec, Validation } from '../spec';
import type { Rule } from '.';

/** Refuses tests of the new version whose keys do not fit together. */
export const validationRefusals: Rule = ({ service: { validate, strategy }, path }) => [
  ...validate.flatMap((test, index) => {
    const hasBaseline = strategy.kind === 'canary' && strategy.baseline;
    const at: Path = [...path, 'validate', index];
    const way = { strategy: [...path, 'strategy'], counts: countsOf(test, strategy), hasBaseline };
    const one: Given = { test, at, others: validate.slice(0, index), ...way };
    return [repeated, momentTwice, seriesKeys, endless, written, comparison, tooFew].flatMap((rule) => rule(one));
  }),
  ...unusedBaseline({ validate, strategy, path }),
];

interface Given {
  test: Validation;
  at: Path;
  /** The tests before it. */
  others: Validation[];
  /** The path of the service's strategy, and if it launches instances to compare with. */
  strategy: Path;
  /** How many measurements each series of the test makes. */
  counts: number[];
  hasBaseline: boolean;
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
  if (test.when.includes('during') || test.later !== undefined) return [];
  return ofSeries.flatMap((key) => {
    if (test[key] === undefined) return [];
    const message = 'belongs to a series, and before and after measure once';
    const hint = 'leave it out, or write when: [during], or later: 30m';
    const reads = [
      [...at, 'when'],
      [...at, 'later'],
    ];
    return [{ path: [...at, key], atKey: true, message, hint, reads }];
  });
}

/** A variable without a value of its own. */
const variable = /\$\w+|\$\{\w+(:?\?[^}]*)?\}/g;

/** A series at a canary's steps can roll back if the longest one can. */
function countsOf({ when, later, count, every = seriesDefaults.every }: Validation, strategy: StrategySpec): number[] {
  const soaks = strategy.kind === 'canary' ? strategy.steps.map(({ soak }) => soak) : [0];
  const filled = soaks.map((soak) => (soak > 0 ? countIn(soak, every) : seriesDefaults.count));
  return [
    ...(when.includes('during') ? [count ?? Math.max(...filled)] : []),
    ...(later === undefined ? [] : [countIn(later, every)]),
  ];
}

const never = { failures: 'the test could never roll back', inconclusive: 'the test could never hold the release' };

/** Errors in a row are not among the measurements of a series. */
const endless = ({ test, at, counts, strategy }: Given): Problem[] =>
  test.compare ? [] : tooHigh(test, { at, fewest: Math.min(...counts), reads: [strategy] });

interface Counted {
  at: Path;
  /** Measurements of the shortest series of the test. */
  fewest: number;
  /** What else decides on their number. */
  reads?: Path[];
}

/** Refuses limits that no series of the test can exceed. */
export function tooHigh(
  test: Pick<Validation, 'failures' | 'inconclusive'>,
  { at, fewest, reads = [] }: Counted,
): Problem[] {
  const own = ['count', 'every', 'when', 'later'].map((one) => [...at, one]);
  return (['failures', 'inconclusive'] as const).flatMap((key) => {
    const limit = test[key];
    if (limit === undefined || limit < fewest) return [];
    const message = `is ${limit}, and a series of this test makes ${fewest} measurements, so ${never[key]}`;
    const hint = `write ${fewest - 1} or less, or measure more often`;
    return [{ path: [...at, key], message, hint, reads: [...own, ...reads] }];
  });
}

/** A query that counts requests needs no more than its last measurement. */
function tooFew({ test: { compare, count, prometheus }, at }: Given): Problem[] {
  if (!compare || count === undefined || count >= fewestCompared || prometheus?.requests !== undefined) return [];
  const message = `is ${count}, and fewer than ${fewestCompared} values on a side can only hold the release`;
  return [{ path: [...at, 'count'], message, hint: `write ${fewestCompared} or more`, reads: [[...at, 'compare']] }];
}

/** A password in the spec would travel with it, and so would a token in the place of a user. */
export function hasPassword(address: string): boolean {
  const [, credentials = ''] = /:\/\/([^?#]*)@/.exec(address) ?? [];
  const own = credentials.replace(variable, '');
  return own.slice(own.indexOf(':') + 1) !== '';
}

function written({ test, at }: Given): Problem[] {
  if (!hasPassword(test.prometheus?.url ?? '')) return [];
  const path = [...at, 'prometheus', 'url'];
  return [
    { path, message: 'has a password in it', hint: 'write a variable of the env file in its place, such as $PASSWORD' },
  ];
}

const compared = ['http', 'https', 'prometheus'] as const;
const bounds = ['max', 'min'] as const;
const limits = ['failures', 'inconclusive', 'errors'] as const;

function comparison({ test, at, strategy, hasBaseline }: Given): Problem[] {
  const { compare, when, prometheus } = test;
  const foreign = (path: Path, message: string): Problem => ({ path, atKey: true, message, hint: 'leave it out' });
  if (!compare) {
    return prometheus?.requests === undefined
      ? []
      : [foreign([...at, 'prometheus', 'requests'], 'is for a test with compare')];
  }
  const path = [...at, 'compare'];
  const problems: Problem[] = [];
  if (!hasBaseline) {
    const message = 'needs instances of the version before to compare with';
    const hint = 'write strategy: { kind: canary, baseline: true, steps: […] }';
    problems.push({ path, atKey: true, message, hint, reads: [strategy] });
  }
  if (when.join() !== 'during' || test.later !== undefined) {
    const reads = [[...at, 'when']];
    problems.push({ path, atKey: true, message: 'compares during a canary', hint: 'write when: [during]', reads });
  }
  if (!compared.some((kind) => test[kind] !== undefined)) {
    const message = 'compares times, values and errors, which this kind has none of';
    problems.push({ path, atKey: true, message, hint: 'write http, https or prometheus' });
  }
  const unused = 'is for a test that compares nothing';
  const given = [
    ...bounds.filter((key) => prometheus?.[key] !== undefined).map((key) => [...at, 'prometheus', key]),
    ...limits.filter((key) => test[key] !== undefined).map((key) => [...at, key]),
  ];
  return [...problems, ...given.map((one) => foreign(one, unused))];
}

function unusedBaseline({
  validate,
  strategy,
  path,
}: Pick<ServiceSpec, 'validate' | 'strategy'> & { path: Path }): Problem[] {
  if (strategy.kind !== 'canary' || !strategy.baseline) return [];
  const at: Path = [...path, 'strategy'];
  const heavy = strategy.steps.flatMap(({ weight }, index): Problem[] => {
    if (weight < 50) return [];
    const message = 'leaves nothing to the others, as the baseline takes the same share';
    return [
      { path: [...at, 'steps', index, 'weight'], message, hint: 'write 49 or less', reads: [[...at, 'baseline']] },
    ];
  });
  if (validate.some(({ compare }) => compare)) return heavy;
  const message = 'launches instances that nothing is compared with';
  const hint = 'write compare: {} in a test of validate, or leave it out';
  return [...heavy, { path: [...at, 'baseline'], atKey: true, message, hint, reads: [[...path, 'validate']] }];
}
