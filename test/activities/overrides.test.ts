import { withOverrides } from '../../activities/planning/overrides';
import { standingOverrides } from '../../src/resolve/overrides';
import { environmentMarks } from '../../src/runtimes/fingerprint';
import { desiredService } from '../plan/arbitraries';

const key = Buffer.from('key');
const marks = (environment: Record<string, string>) => environmentMarks(environment, key);
const api = desiredService({ fingerprint: 'plain', environment: marks({ FEATURE: 'on', COLOUR: 'red' }) });

describe('variables of belay set', () => {
  const off = withOverrides(api, { FEATURE: 'off' }, key);

  test('make another fingerprint, and stand beside what was in their place', () => {
    expect(off.fingerprint).not.toBe('plain');
    expect(off.overrides).toEqual({ values: { FEATURE: 'off' }, of: 'plain', was: marks({ FEATURE: 'on' }) });
    expect(off.environment).toEqual(marks({ FEATURE: 'off', COLOUR: 'red' }));
    expect(off.warnings).toEqual([]);
  });

  test('add up, and are given back one by one, to the very fingerprint of the files', () => {
    const both = withOverrides(off, { NEW: '1' }, key);
    expect(both.overrides?.values).toEqual({ FEATURE: 'off', NEW: '1' });
    expect(withOverrides(both, { NEW: null }, key)).toMatchObject({
      fingerprint: off.fingerprint,
      environment: off.environment,
    });
    const none = withOverrides(both, { NEW: null, FEATURE: null }, key);
    expect(none).toMatchObject({ fingerprint: 'plain', overrides: undefined, environment: api.environment });
  });

  test('that the files give already, or that stand, change nothing', () => {
    expect(withOverrides(api, { FEATURE: 'on' }, key).fingerprint).toBe('plain');
    expect(withOverrides(off, { FEATURE: 'off' }, key)).toMatchObject({
      fingerprint: off.fingerprint,
      overrides: off.overrides,
    });
  });

  test('begin from the files, also after a restart and beside services that restart together', () => {
    expect(
      withOverrides({ ...api, fingerprint: 'again', again: { of: 'plain' } }, { FEATURE: 'off' }, key).fingerprint,
    ).toBe(off.fingerprint);
    expect(withOverrides({ ...api, fingerprint: 'joined', own: 'plain' }, { FEATURE: 'off' }, key).fingerprint).toBe(
      off.fingerprint,
    );
  });

  test('that the service never had are said, with the likely one', () => {
    expect(withOverrides(api, { FEATUR: 'off' }, key).warnings).toEqual([
      'it had no variable FEATUR before; did you mean FEATURE?',
    ]);
    expect(withOverrides(api, { FEATURE: null }, key).warnings).toEqual(['FEATURE was not set by belay set']);
  });
});

test('a variable stands in later releases until the files say the same', () => {
  expect(standingOverrides({ FEATURE: 'off' }, { FEATURE: 'on' }, key)).toEqual({
    values: { FEATURE: 'off' },
    was: marks({ FEATURE: 'on' }),
  });
  expect(standingOverrides({ NEW: '1' }, {}, key)).toEqual({ values: { NEW: '1' }, was: {} });
  expect(standingOverrides({ FEATURE: 'off' }, { FEATURE: 'off' }, key)).toBeUndefined();
});
