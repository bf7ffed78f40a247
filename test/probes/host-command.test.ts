import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkByProgram, probe } from '../../src/probes';
import { waitFor } from '../../testbed/wait';
import { check, instanceAt } from '../contracts/probe-contract';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-host-command-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = (text: string, mode = 0o755) => {
  writeFileSync(join(folder, 'check'), text);
  chmodSync(join(folder, 'check'), mode);
};
const script = (text: string) => program(`#!/bin/sh\n${text}\n`);
const written = (name: string) => readFileSync(join(folder, name), 'utf8');

interface Asked {
  argv?: string[];
  at?: string;
  mask?: (text: string) => string;
  timeout?: number;
  signal?: AbortSignal;
}

const asked = ({ argv = ['./check'], at = folder, mask = String, timeout = 10_000, signal }: Asked = {}) =>
  checkByProgram({ program: { argv, folder: at, told: { platform: 'shop' } }, mask, timeout, signal });

describe('a command on the host', () => {
  test('passes when it ends with 0, whatever it says', async () => {
    script('echo all; echo bad >&2');
    expect(await asked()).toEqual({ healthy: true });
  });

  test.each([
    ['echo one; echo "two "; exit 3', 'ended with 3: two'],
    ['echo out; printf "no queue\\n\\n" >&2; exit 1', 'ended with 1: no queue'],
    ['exit 75', 'ended with 75'],
    ['kill -SEGV $$', 'ended with SIGSEGV'],
  ])('fails by its exit code and its last line: %s', async (text, why) => {
    script(text);
    expect(await asked()).toEqual({ healthy: false, why });
  });

  test('hides secrets in what it says, before the line is cut', async () => {
    script(`printf '%0190d%s' 0 only-the-host-knows; exit 1`);
    const mask = (text: string) => text.replaceAll('only-the-host-knows', '***');
    expect(await asked({ mask })).toEqual({ healthy: false, why: `ended with 1: ${'0'.repeat(190)}***` });
  });

  test('gets its words as they are, with no shell and no variable', async () => {
    script('printf "%s," "$@" > words; pwd >> words');
    const words = ['$HOME', '*', 'a b', '; exit 1'];
    expect(await asked({ argv: ['./check', ...words] })).toEqual({ healthy: true });
    expect(written('words')).toBe(`$HOME,*,a b,; exit 1,${folder}\n`);
  });

  test('is looked up on PATH by a bare name', async () => {
    expect(await asked({ argv: ['true'] })).toEqual({ healthy: true });
    expect(await asked({ argv: ['no-such-program'] })).toEqual({
      healthy: false,
      why: 'no-such-program is not on the PATH of this process',
    });
  });

  test('says why it cannot be started, and none of its arguments', async () => {
    const why = async (more: Asked = {}) => {
      const result = await asked({ argv: ['./check', 's3cret'], ...more });
      return result.healthy ? '' : result.why;
    };
    expect(await why()).toBe('./check is not there');
    program('x', 0o644);
    expect(await why()).toBe('./check may not be run by this user: chmod +x makes it a program');
    program('#!/nonexistent/sh\n');
    expect(await why()).toBe('./check cannot be started (ENOENT)');
    expect(await why({ at: join(folder, 'gone') })).toBe(`${folder}/gone, the folder of its command, is not there`);
  });

  test('is ended when it says too much', async () => {
    script('exec yes');
    expect(await asked()).toEqual({ healthy: false, why: './check has said more than 1 MiB, and was ended' });
  });

  describe('that hangs ends with all that it has started', () => {
    const isUp = () => existsSync(join(folder, 'child')) && written('child').endsWith('\n');
    const isGone = () => {
      const stat = `/proc/${Number(written('child'))}/stat`;
      return !existsSync(stat) || / Z /.test(readFileSync(stat, 'utf8'));
    };
    const gone = () => waitFor({ what: 'the end of the program that it has started', until: isGone });
    beforeEach(() => script("trap '' TERM; sleep 60 & echo $! > child; wait"));

    test('at its timeout', async () => {
      expect(await asked({ timeout: 2000 })).toEqual({ healthy: false, why: 'no answer within 2s' });
      await gone();
    });

    test('when the step is cancelled, and throws its reason', async () => {
      const step = new AbortController();
      const asking = asked({ signal: step.signal });
      const ended = expect(asking).rejects.toThrow('the step was cancelled');
      await waitFor({ what: 'its child', until: isUp });
      step.abort(new Error('the step was cancelled'));
      await ended;
      await gone();
    });
  });

  describe('for an instance', () => {
    const told = async (
      instance: ReturnType<typeof instanceAt>,
      { port = 8080, host }: { port?: number; host?: string } = {},
    ) => {
      script('env | grep ^BELAY_ | grep -v ^BELAY_TEST | sort > told');
      const wanted = check({ command: ['./check'], where: 'host', folder, port });
      const beside = { owner: { platform: 'shop', service: 'api' }, mask: String };
      const result = await probe({ instance, check: wanted, beside, ...(host !== undefined && { host }) });
      return { result, told: written('told').trimEnd().split('\n') };
    };
    const own = ['BELAY_INSTANCE=shop-api-r2-1', 'BELAY_PLATFORM=shop', 'BELAY_REVISION=2', 'BELAY_SERVICE=api'];

    test('is told whose it is, and where it listens', async () => {
      expect(await told(instanceAt(20001))).toEqual({
        result: { healthy: true },
        told: ['BELAY_ADDRESS=127.0.0.1:20001', ...own],
      });
      expect((await told(instanceAt(8080), { host: 'fd00::2' })).told[0]).toBe('BELAY_ADDRESS=[fd00::2]:8080');
    });

    test('is told no address where there is none, not even that of its own process', async () => {
      process.env.BELAY_ADDRESS = '127.0.0.1:1';
      const { told: names } = await told(instanceAt(20001), { port: 9090 }).finally(() => {
        delete process.env.BELAY_ADDRESS;
      });
      expect(names).toEqual(own);
    });

    test('is not run for one that has ended', async () => {
      script('touch ran');
      const wanted = check({ command: ['./check'], where: 'host', folder });
      const result = await probe({ instance: instanceAt(1, { state: 'exited', exitCode: 2 }), check: wanted });
      expect(result).toEqual({ healthy: false, why: 'it exited with 2' });
      expect(existsSync(join(folder, 'ran'))).toBe(false);
    });
  });
});
