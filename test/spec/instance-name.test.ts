import { imageWord, instanceName, instancesBegin } from '../../src/model/instance-name';

const long = { platform: 'p'.repeat(40), service: 's'.repeat(100) };

test('an instance is called by platform, service and revision', () => {
  expect(instanceName({ platform: 'shop', service: 'My_api.v2', revision: 12, instance: 3 })).toBe(
    'shop-My_api.v2-r12-3',
  );
});

test('a name that is too long for a network is cut, and stays one of its own', () => {
  expect(instanceName({ ...long, revision: 9999, instance: 999 }).length).toBeLessThanOrEqual(63);
  expect(instancesBegin(long)).not.toBe(instancesBegin({ ...long, service: `${long.service}s` }));
  expect(instancesBegin(long)).toBe(instancesBegin({ ...long }));
});

test('images are called by words that every registry takes, different ones for different services', () => {
  const names = ['api', 'my-api', 'my_api', 'my.api', 'My.api', 'MY.API', 'my__api', 'my._api', '_', '1'];
  const words = names.map(imageWord);
  expect(words.slice(0, 4)).toEqual(names.slice(0, 4));
  expect(new Set(words).size).toBe(names.length);
  for (const word of words) expect(word).toMatch(/^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/);
});
