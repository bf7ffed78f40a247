import { examineGiven } from '../../src/cli/doctor/given';
import { projectWith } from '../compose/projects';
import { fakeRuntime } from '../fakes/fake-runtime';

const outside = { volumes: [{ type: 'volume', source: 'data', target: '/data' }] };
const secret = { secrets: [{ source: 'password' }] };
const more = {
  volumes: { data: { name: 'shop-data', external: true } },
  secrets: { password: { name: 'shop_password', file: '/nowhere/password' } },
};

test('what a release needs and does not make is asked for before the release', async () => {
  const compose = projectWith({ api: { ...outside, ...secret }, web: secret, other: {} }, more);
  const found = await examineGiven(fakeRuntime(), compose, ['api', 'web']);
  expect(found).toEqual([
    expect.objectContaining({ name: 'given', state: 'bad', text: expect.stringContaining('shop-data does not exist') }),
    expect.objectContaining({
      text: expect.stringContaining('/nowhere/password is not there'),
      todo: ['put the file there, or correct the path'],
    }),
  ]);
  expect(await examineGiven(fakeRuntime(), compose, ['other'])).toEqual([]);
});
