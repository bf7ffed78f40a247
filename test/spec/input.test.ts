import { BelayError } from '../../src/errors';
import {
  parseDropInput,
  parsePruneInput,
  parseReleaseInput,
  parseRestoreInput,
  parseRollbackInput,
} from '../../src/model/parse-request';

function refusal(read: () => unknown): BelayError {
  try {
    read();
  } catch (error) {
    if (error instanceof BelayError) return error;
  }
  throw new Error('not refused');
}

test('fills in the defaults of a release', () => {
  expect(parseReleaseInput({ platform: 'shop' })).toEqual({
    platform: 'shop',
    versions: {},
    instances: {},
    overrides: {},
    files: {},
    set: {},
    restart: false,
    dry_run: false,
    when_running: 'refuse',
    take_over: false,
    by: 'unknown',
    reason: '',
  });
});

test('knows of no version and no number but those that are given', () => {
  const { versions, instances } = parseReleaseInput({ platform: 'shop', versions: { api: '2' } });
  expect([versions.api, versions.constructor, instances.toString]).toEqual(['2', undefined, undefined]);
});

test('fills in the defaults of a rollback', () => {
  expect(parseRollbackInput({ platform: 'shop', by: 'ana' })).toEqual({
    platform: 'shop',
    list: false,
    dry_run: false,
    take_over: false,
    by: 'ana',
    reason: '',
  });
});

test.each([undefined, null, {}])('asks for the platform when there is no input: %j', (input) => {
  const error = refusal(() => parseReleaseInput(input));
  expect(error.code).toBe('input-invalid');
  expect(error.message).toBe(
    'the input of the release is wrong: platform: is missing — write "platform": … (The platform to release)',
  );
});

test('names every problem in one message', () => {
  const input = {
    platform: '',
    version: { api: '2' },
    instances: { api: 0 },
    services: 'api',
    files: { 'belay.yaml': 5 },
  };
  expect(refusal(() => parseReleaseInput(input)).message).toBe(
    'the input of the release is wrong: platform: is empty — write text; services: takes a list, not the text "api" — write ["api"]; ' +
      'instances.api: takes 1 or more, not 0; files["belay.yaml"]: takes text, not the number 5 — write "5"; ' +
      'version: is not a known key — did you mean versions?',
  );
});

test('writes the right form as JSON', () => {
  const input = { platform: 'shop', services: { api: true }, versions: 'api=2', instances: null };
  expect(refusal(() => parseReleaseInput(input)).message).toBe(
    'the input of the release is wrong: versions: takes a mapping, not the text "api=2" — write { "key": "value" }; ' +
      'services: takes a list, not a mapping — write a list: ["…"]; instances: is empty — write {} for none',
  );
});

test('refuses what is no object', () => {
  for (const input of ['shop', ['shop'], 42]) {
    const { message, hint } = refusal(() => parseRollbackInput(input));
    expect(message).toBe('the input of the rollback is not one object');
    expect(hint).toBe('start it with one object, such as { "platform": "shop" }');
  }
});

test('refuses versions in the input of a rollback', () => {
  expect(refusal(() => parseRollbackInput({ platform: 'shop', versions: {} })).message).toContain(
    'versions: is not a known key',
  );
});

test.each([4, 'release/shop/20260101', { api: 4, web: 0 }])('takes %j as where a rollback leads', (to) => {
  expect(parseRollbackInput({ platform: 'shop', to }).to).toEqual(to);
});

test('says what takes a rollback somewhere, where that is nothing', () => {
  expect(refusal(() => parseRollbackInput({ platform: 'shop', to: null })).message).toBe(
    'the input of the rollback is wrong: to: takes a revision (4), revisions by service ({ "api": 4 }) or the id of a release, not null — leave it out to go back by one',
  );
});

test.each([-1, 1.5, '', { api: 'x' }, [4]])('refuses %j as where a rollback leads', (to) => {
  expect(refusal(() => parseRollbackInput({ platform: 'shop', to })).message).toMatch(
    /^the input of the rollback is wrong: to/,
  );
});

test('fills in the defaults of a drop and of a prune, which needs no platform', () => {
  expect(parseDropInput({ platform: 'shop' })).toMatchObject({ platform: 'shop', dry_run: false, take_over: false });
  expect(parsePruneInput(undefined)).toEqual({ dry_run: false, by: 'unknown', reason: '' });
  expect(refusal(() => parseDropInput({})).message).toContain('the input of the drop is wrong: platform: is missing');
});

test.each([
  [{ backup: '1', undo: true }, 'takes one of backup, undo, forget — leave the others out'],
  [{ undo: true, forget: true }, 'takes one of backup, undo, forget — leave the others out'],
  [{ until: 'latest', undo: true }, 'until goes with a backup — leave undo and forget out'],
])('refuses %j as the input of a restore', (input, problem) => {
  expect(refusal(() => parseRestoreInput({ platform: 'shop', ...input })).message).toContain(problem);
});
