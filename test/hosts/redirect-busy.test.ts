import { kernelRedirects } from '../../src/hosts/redirect';
import { type Ended, runProgram } from '../../src/run-program';

jest.mock('../../src/run-program');

const key = { platform: 'shop', proxy: 'edge', service: 'api' };

/** Returns true if no rule is found although the tools end like this when asked for a chain. */
async function heldWhere(end: Pick<Ended, 'code' | 'why'>): Promise<boolean> {
  jest.spyOn(process, 'getuid').mockReturnValue(0);
  const version = { code: 0, output: 'iptables v1.8.9 (nf_tables)', errors: '', why: '' };
  jest
    .mocked(runProgram)
    .mockImplementation(async ({ args }) =>
      args.includes('--version') ? version : { output: '', errors: '', ...end },
    );
  return await kernelRedirects().hold(key, []);
}

test.each([
  ['waits for another program', 4, 'Another app is currently holding the xtables lock'],
  ['finds the table changed meanwhile', 4, 'RULE_APPEND failed (Resource temporarily unavailable)'],
  ['does not answer', 'no answer within 20 s', 'no answer within 20 s'],
  ['is ended from outside', 'SIGTERM', 'SIGTERM'],
  ['is ended from outside after it said something', 'SIGKILL', 'a warning'],
  ['has no process to run in', 'EAGAIN', 'spawn iptables EAGAIN'],
  ['has no memory to run in', 'ENOMEM', 'spawn iptables ENOMEM'],
])('a tool that %s is asked again later', async (_, code, why) => {
  await expect(heldWhere({ code, why })).rejects.toMatchObject({
    code: 'lock-busy',
    message: expect.stringContaining(why),
  });
});

test('a tool that knows no such chain has no rule of ours', async () => {
  expect(await heldWhere({ code: 1, why: 'No chain/target/match by that name.' })).toBe(true);
});
