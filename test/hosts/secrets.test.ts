import fc from 'fast-check';
import { createMasker } from '../../src/hosts/secrets';

const maskerOf = (values: Record<string, string>, publicText = '') => {
  const masker = createMasker();
  masker.add(values, publicText);
  return masker;
};

/** Written here anew, independently of the code under test. */
const encodings: Record<string, (secret: string) => string> = {
  raw: (secret) => secret,
  url: (secret) => encodeURIComponent(secret),
  'url in lower case': (secret) => encodeURIComponent(secret).replace(/%../g, (digits) => digits.toLowerCase()),
  'form field': (secret) => new URLSearchParams([['', secret]]).toString().slice(1),
  base64: (secret) => Buffer.from(secret).toString('base64'),
  'base64 without padding': (secret) => Buffer.from(secret).toString('base64').replace(/=/g, ''),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  'base64url with padding': (secret) => Buffer.from(secret).toString('base64').replace(/\+/g, '-').replace(/\//g, '_'),
  json: (secret) => JSON.stringify(secret).slice(1, -1),
};

/** Text of every alphabet, often with characters that encodings change, or that a mask consists of. */
const nasty = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 6, maxLength: 24 }),
  fc.string({ unit: fc.constantFrom(...'ab*+/%=:@ "\\é'), minLength: 6, maxLength: 12 }),
);
const secret = nasty.filter((text) => !/^\d+$/.test(text));
const around = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: fc.constantFrom(...'ab*+/%=:@ "\\é'), maxLength: 8 }),
);

describe.each(Object.entries(encodings))('a value that is %s', (_, encode) => {
  test('does not survive, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 5 }), around, around, (secrets, before, after) => {
        const masker = maskerOf(Object.fromEntries(secrets.entries()));
        const text = [before, ...secrets.map(encode), after].join(before);
        const masked = masker.mask(text);
        for (const one of secrets) for (const form of Object.values(encodings)) expect(masked).not.toContain(form(one));
      }),
    );
  });
});

test('values that overlap leave no rest of each other', () => {
  expect(maskerOf({ A: 'abcdef-1', B: 'def-1-ghi' }).mask('<abcdef-1-ghi>')).toBe('<***>');
  expect(maskerOf({ A: 'secret', B: 'secret-longer' }).mask('secret-longer secret')).toBe('*** ***');
  expect(maskerOf({ A: 'secret' }).mask('secretsecret')).toBe('***');
});

test('a value inside longer base64 does not survive', () => {
  const password = 'hunter2-long';
  const masker = maskerOf({ PASSWORD: password });
  fc.assert(
    fc.property(fc.string(), fc.string(), (user, rest) => {
      const header = Buffer.from(`${user}:${password}${rest}`).toString('base64');
      const [before, after] = masker.mask(`Basic ${header}`).split('***');
      const left =
        Buffer.from(before!.slice('Basic '.length), 'base64').toString() +
        Buffer.from(after ?? '', 'base64').toString();
      expect(after).toBeDefined();
      for (let at = 0; at + 3 <= password.length; at++) {
        const part = password.slice(at, at + 3);
        if (!`${user}:${rest}`.includes(part)) expect(left).not.toContain(part);
      }
    }),
  );
});

test('leaves text without values as it is', () => {
  const masker = maskerOf({ A: '\u0000never-there\u0000' });
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => expect(masker.mask(text)).toBe(text)));
});

test.each([
  ['short', 'abc12'],
  ['a number', '20240101'],
  ['a boolean', 'false'],
  ['public', 'registry/shop/api'],
])('what is %s is no secret', (_, value) => {
  expect(maskerOf({ A: value }, 'image: registry/shop/api:1').mask(`x ${value} y`)).toBe(`x ${value} y`);
});

test('the password of a URL is a secret, as written and decoded', () => {
  const masker = maskerOf({
    DATABASE_URL: 'postgres://app:p%40ss-word@db:5432/shop',
    BROKERS: 'amqp://u:first-pass@a,amqp://:second-pass@b',
  });
  expect(masker.mask('p%40ss-word p@ss-word first-pass second-pass')).toBe('*** *** *** ***');
  expect(masker.mask('app db:5432 shop amqp')).toBe('app db:5432 shop amqp');
});

test('a password that cannot be decoded is a secret all the same', () => {
  expect(maskerOf({ URL: 'redis://:100%secret@r' }).mask('AUTH 100%secret')).toBe('AUTH ***');
});

test('a value with a line break at its end is found without it', () => {
  expect(maskerOf({ TOKEN: 'token-value\n' }).mask('got token-value, ok')).toBe('got ***, ok');
});

test('values can be added later, and again', () => {
  const masker = maskerOf({ A: 'first-value' });
  masker.add({ B: 'second-value', A: 'first-value' }, '');
  expect(masker.mask('first-value second-value')).toBe('*** ***');
});

describe('a JSON value', () => {
  test('is the very same while nothing is registered', () => {
    const value = { a: ['secret-value'] };
    expect(createMasker().maskValue(value)).toBe(value);
    expect(maskerOf({ A: 'short' }).maskValue(value)).toBe(value);
  });

  test('is rebuilt with its strings masked, and its keys and shape untouched', () => {
    const masker = maskerOf({ A: 'secret-value' });
    const value = { 'secret-value': ['a secret-value', 1, null, true, { deep: { er: 'secret-value' } }] };
    expect(masker.maskValue(value)).toEqual({ 'secret-value': ['a ***', 1, null, true, { deep: { er: '***' } }] });
    expect(value['secret-value'][0]).toBe('a secret-value');
  });

  test('that has no secret is equal afterwards', () => {
    const masker = maskerOf({ A: '\u0000never-there\u0000' });
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        expect(JSON.stringify(masker.maskValue(value))).toBe(JSON.stringify(value)),
      ),
    );
    const odd = JSON.parse('{"__proto__":{"polluted":"yes"}}');
    expect(JSON.stringify(masker.maskValue(odd))).toBe('{"__proto__":{"polluted":"yes"}}');
  });
});

test('a megabyte of log with two thousand values takes less than a second', () => {
  const values = Object.fromEntries(
    Array.from({ length: 2_000 }, (_, number) => [`V${number}`, `value-${number}-${'x'.repeat(number % 40)}`]),
  );
  const masker = maskerOf(values);
  const text = 'GET /orders/17 200 12ms value-of-nothing\n'.repeat(25_000);
  const started = performance.now();
  expect(masker.mask(text)).toBe(text);
  expect(performance.now() - started).toBeLessThan(1_000);
});
