import { kindsWith, needOptions } from '../checks';
import { platformTestKinds, requestKeys } from '../platform-test';
import type { Path, Problem } from '../problem';
import { listed } from '../sentences';
import { countIn, seriesDefaults } from '../series';
import type { PlatformTest, Spec } from '../spec';
import { askingRefusals } from './checks';
import { hasPassword, tooHigh } from './validation';

/** Refuses tests of the whole platform whose keys do not fit together. */
export const platformTestRefusals = ({ validate, services }: Pick<Spec, 'validate' | 'services'>): Problem[] =>
  validate.flatMap((test, index) => {
    const one: Given = { test, at: ['validate', index], others: validate.slice(0, index), services };
    const rules = [
      repeated,
      momentTwice,
      oneKind,
      foreignKeys,
      seriesKeys,
      endless,
      inPlainText,
      asked,
      written,
      marked,
      ofInstances,
    ];
    return rules.flatMap((rule) => rule(one));
  });

interface Given {
  test: PlatformTest;
  at: Path;
  /** The tests before it. */
  others: PlatformTest[];
  services: Spec['services'];
}

const kindOf = (test: PlatformTest) => platformTestKinds.find((kind) => test[kind] !== undefined);

function repeated({ test: { name }, at, others }: Given): Problem[] {
  if (!others.some((other) => other.name === name)) return [];
  const message = 'is the name of another test of the platform';
  return [{ path: [...at, 'name'], message, hint: 'give each a name of its own' }];
}

function momentTwice({ test: { when }, at }: Given): Problem[] {
  if (new Set(when).size === when.length) return [];
  return [{ path: [...at, 'when'], message: 'names the same moment twice', hint: 'name each once' }];
}

function oneKind({ test, at }: Given): Problem[] {
  const given = platformTestKinds.filter((kind) => test[kind] !== undefined);
  if (given.length === 1) return [];
  const message = given.length === 0 ? 'has no check' : `has ${given.join(' and ')}`;
  const hint = `write exactly one of ${listed(platformTestKinds)}`;
  return [{ path: at, message, hint, reads: platformTestKinds.map((kind) => [...at, kind]) }];
}

function foreignKeys({ test, at }: Given): Problem[] {
  const kind = kindOf(test);
  if (kind === undefined) return [];
  const ofHttp = Object.keys(requestKeys).map((key) => ({ key, owners: ['http'] }));
  const ofNeeds = needOptions.map((key) => ({ key, owners: kindsWith(key) as string[] }));
  return [...ofHttp, ...ofNeeds].flatMap(({ key, owners }) => {
    if (test[key as keyof PlatformTest] === undefined || owners.includes(kind)) return [];
    return [{ path: [...at, key], atKey: true, message: `belongs to ${owners.join(' and ')}`, hint: 'leave it out' }];
  });
}

const ofSeries = ['every', 'failures', 'inconclusive', 'errors'] as const;

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

/** The series of a release has no number of measurements. */
function endless({ test, at }: Given): Problem[] {
  const { later, every = seriesDefaults.every } = test;
  return later === undefined ? [] : tooHigh(test, { at, fewest: countIn(later, every) });
}

/** A variable in place of the scheme may stand for either. */
function inPlainText({ test, at }: Given): Problem[] {
  if (!/^http:/i.test(test.http ?? '')) return [];
  return (['insecure', 'ca', 'server_name'] as const).flatMap((key) => {
    if (test[key] === undefined) return [];
    const message = 'is for a certificate, and the test asks in plain text';
    const hint = 'leave it out, or write http: https://…';
    return [{ path: [...at, key], atKey: true, message, hint, reads: [[...at, 'http']] }];
  });
}

const asked = ({ test, at }: Given): Problem[] => askingRefusals({ check: { ...test, status: 200 } as never, at });

function written({ test, at }: Given): Problem[] {
  const { path, text } = addressIn(test);
  if (!hasPassword(text)) return [];
  const hint = 'write a variable of the env file in its place, such as $PASSWORD';
  return [{ path: [...at, ...path], message: 'has a password in it', hint }];
}

/** An address by the name of a service with routes is that of one of its instances, in traffic or not. */
function ofInstances({ test, at, services }: Given): Problem[] {
  if (test.prometheus) return [];
  const { path, text } = addressIn(test);
  const [, host = ''] = /^(?:[a-z]+:\/\/)?(?:[^@/]*@)?([\w.-]+)/i.exec(text) ?? [];
  if (!Object.hasOwn(services, host) || services[host]!.routes.length === 0) return [];
  const message = `names ${host}, which is any one of its instances, in traffic or not`;
  const hint = `write the address that clients come to, or write the test in validate of ${host}`;
  return [{ path: [...at, ...path], message, hint, reads: [['services', host, 'routes']] }];
}

/** Returns the address that the test asks, and its place in the test; no text for a command. */
function addressIn(test: PlatformTest): { path: Path; text: string } {
  const kind = kindOf(test);
  if (kind === undefined || kind === 'command') return { path: [], text: '' };
  return kind === 'prometheus' || kind === 'metric'
    ? { path: [kind, 'url'], text: test[kind]!.url }
    : { path: [kind], text: test[kind]! };
}

/** Marks of a query stand for instances. */
function marked({ test: { prometheus }, at }: Given): Problem[] {
  if (!prometheus) return [];
  const path: Path = [...at, 'prometheus'];
  const [mark] = /\{\{[^{}]*\}\}/.exec(prometheus.query) ?? [];
  const inService = 'write the test in validate of a service';
  const requests = 'is for a test with compare, and a platform has no version before';
  return [
    ...(mark
      ? [
          {
            path: [...path, 'query'],
            message: `has ${mark}, and a whole platform has no new instances`,
            hint: inService,
          },
        ]
      : []),
    ...(prometheus.requests === undefined
      ? []
      : [{ path: [...path, 'requests'], atKey: true as const, message: requests, hint: 'leave it out' }]),
  ];
}
