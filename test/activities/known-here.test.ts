import type { Deps } from '../../activities';
import { knownHere } from '../../activities/planning/known-here';
import { BelayError } from '../../src/errors';

const unknown = new BelayError('platform-unknown', 'no platform "shop" in /srv', { hint: 'put its folder there' });

const planned = (hosts: string[], given: object, error: Error = unknown) =>
  knownHere({ host: 'web-1', temporal: { hosts: async () => hosts } as Deps['temporal'] }, async () => {
    throw error;
  })(given);

test('a platform that this host does not know may be on another one that has a worker', async () => {
  await expect(planned(['web-1', 'web-2'], { platform: 'shop' })).rejects.toMatchObject({
    code: 'platform-unknown',
    message: 'host web-1: no platform "shop" in /srv',
    hint: 'name the host that has it, such as --host web-2; hosts with a worker: web-1, web-2',
  });
});

test.each([
  ['no other host has a worker', ['web-1'], {}, unknown],
  ['the request names its host', ['web-1', 'web-2'], { host: 'web-1' }, unknown],
  ['something else is wrong', ['web-1', 'web-2'], {}, new BelayError('spec-invalid', 'wrong')],
])('the error stays as it is where %s', async (_, hosts, given, error) => {
  await expect(planned(hosts, given, error)).rejects.toBe(error);
});
