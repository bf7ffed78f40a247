import { findRelease } from '../../src/cli/connect';
import type { Belay } from '../../src/client';
import { projectFolder } from '../compose/folder';
import { belay, fakeContext } from './support';

const folder = projectFolder({ 'belay.yaml': 'platform: blog' });
afterAll(() => folder.remove());

/** A Temporal that knows no release of what is asked for, but others. */
const temporal = { find: async () => undefined, platforms: async () => ['shop', 'npmshop'] } as unknown as Belay;

const asked = (options: { platform?: string }, ended = true) =>
  findRelease(temporal, { context: fakeContext({ cwd: folder.folder }), options, ended });

test.each([true, false])(
  'a platform that nobody knows is named with the one that is meant (ended: %s)',
  async (ended) => {
    await expect(asked({ platform: 'npshpo' }, ended)).rejects.toMatchObject({
      code: 'platform-unknown',
      message: 'no release of npshpo is known',
      hint: 'known platforms: blog, npmshop, shop',
    });
    await expect(asked({ platform: 'shpo' }, ended)).rejects.toMatchObject({
      hint: 'did you mean shop? Known platforms: blog, npmshop, shop',
    });
  },
);

test('a platform of this folder that was never released is no unknown one', async () => {
  await expect(asked({})).rejects.toMatchObject({ code: 'input-invalid', message: 'blog has never been released' });
});

test('a message to a platform whose latest release has ended names that, and its end', async () => {
  const ending = async () => ({ state: 'rolled back', at: Date.now() - 3 * 60_000 });
  const latest = { workflowId: 'release/shop/abc', ending };
  const find = async (_: string, { ended = false } = {}) => (ended ? latest : undefined);
  const belay = { ...temporal, find } as unknown as Belay;
  const options = { platform: 'shop' };
  await expect(findRelease(belay, { context: fakeContext(), options })).rejects.toMatchObject({
    code: 'input-invalid',
    message: 'no release of shop is running: release/shop/abc has ended: rolled back, 3 min ago',
  });
});

describe('doctor -p', () => {
  const doctor = async (platform: string) => {
    const env = {
      BELAY_SPECS: folder.folder,
      BELAY_HOME: folder.folder,
      BELAY_STACK: 'compose',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    };
    const { code, out } = await belay(['doctor', '-p', platform, '--json'], { cwd: '/', env });
    const { checks } = JSON.parse(out) as { checks: Array<{ name: string; text: string; todo: string[] }> };
    return { code, of: (name: string) => checks.filter((one) => one.name === name) };
  };

  // Together: each waits for a Temporal that is away.
  let [known, unknown]: Array<Awaited<ReturnType<typeof doctor>>> = [];
  beforeAll(async () => {
    [known, unknown] = await Promise.all([doctor('blog'), doctor('blgo')]);
  });

  test('looks at that platform in the folder that BELAY_SPECS names', () => {
    expect(known!.of('spec')).toMatchObject([{ text: expect.stringContaining(`${folder.folder}/belay.yaml`) }]);
  });

  test('says where it has looked for one that nobody knows', () => {
    expect(unknown!.code).toBe(2);
    const text = `no platform "blgo" in ${folder.folder}; there are: blog`;
    expect(unknown!.of('spec')).toMatchObject([{ text, todo: [expect.stringMatching(/^did you mean blog\?/)] }]);
  });

  test('names the commands of the production stack alone where it runs there', () => {
    const text = 'Temporal does not answer at 127.0.0.1:1';
    const todo = [expect.stringContaining('docker compose up -d --wait')];
    expect(known!.of('temporal')).toMatchObject([{ text, todo }]);
  });
});
