import { existsSync, readFileSync } from 'node:fs';
import { outputOf, runProgram } from '../src/run-program';
import { waitFor } from '../testbed/wait';

const sh = (script: string, more: Partial<Parameters<typeof runProgram>[0]> = {}) =>
  runProgram({ command: 'sh', args: ['-c', script], timeout: 10_000, ...more });

describe('a program', () => {
  test('tells what it said, to the last byte', async () => {
    const ended = await sh('echo out; printf "errors\\n\\n" >&2');
    expect(ended).toEqual({ code: 0, output: 'out\n', errors: 'errors\n\n', why: '' });
  });

  test('tells why it failed by its own words, else by how it ended', async () => {
    expect(await sh('echo out; echo " no room " >&2; exit 3')).toEqual({
      code: 3,
      output: 'out\n',
      errors: ' no room \n',
      why: 'no room',
    });
    expect(await sh('exit 4')).toMatchObject({ code: 4, why: 'exit code 4' });
    expect(await sh('kill -KILL $$')).toMatchObject({ code: 'SIGKILL', why: 'SIGKILL' });
  });

  test('that is not there is ENOENT, and its arguments are not told', async () => {
    const ended = await runProgram({ command: 'no-such-program', args: ['--token', 's3cret'], timeout: 1000 });
    expect(ended).toEqual({ code: 'ENOENT', output: '', errors: '', why: 'spawn no-such-program ENOENT' });
    expect(await sh('true', { cwd: '/nonexistent' })).toMatchObject({ code: 'ENOENT' });
  });

  test.each([
    ['with a file for a folder', 'ENOTDIR', { cwd: '/etc/passwd' }],
    ['with an argument that is too long', 'E2BIG', { args: ['s3cret'.repeat(500_000)] }],
    ['with an argument that no program can be given', 'ERR_INVALID_ARG_VALUE', { args: ['s3cret\0'] }],
  ])('that cannot be started %s says so, and its arguments are not told', async (_, code, more) => {
    const ended = await runProgram({ command: 'true', args: ['s3cret'], timeout: 1000, input: '', ...more });
    expect(ended).toEqual({ code, output: '', errors: '', why: `spawn true ${code}` });
  });

  test('has exactly the environment that it is given', async () => {
    process.env.BELAY_TEST_INHERITED = 'yes';
    const print = 'echo "$BELAY_TEST_INHERITED,$GIVEN"';
    expect(await sh(print)).toMatchObject({ output: 'yes,\n' });
    expect(await sh(print, { env: { PATH: process.env.PATH, GIVEN: '1' } })).toMatchObject({ output: ',1\n' });
    delete process.env.BELAY_TEST_INHERITED;
  });

  test('reads its input, and the end of it where there is none', async () => {
    expect(await sh('cat', { input: 'ü\n' })).toMatchObject({ output: 'ü\n' });
    expect(await sh('cat')).toMatchObject({ code: 0, output: '' });
  });

  test('need not read its input', async () => {
    const input = 'x'.repeat(2 ** 20);
    expect(await sh('exec <&-; echo done', { input })).toMatchObject({ code: 0, output: 'done\n' });
    expect(await sh('echo refused >&2; exit 1', { input })).toMatchObject({ code: 1, why: 'refused' });
  });

  test('is ended when its time is over, and says so with what it had said', async () => {
    const ended = await sh('echo begun; exec sleep 60', { timeout: 300 });
    expect(ended).toEqual({
      code: 'no answer within 0.3 s',
      output: 'begun\n',
      errors: '',
      why: 'no answer within 0.3 s',
    });
  });

  test('is ended by its signal', async () => {
    const ended = await sh('exec sleep 60', { timeout: undefined, signal: AbortSignal.timeout(100) });
    expect(ended.code).toBe('ABORT_ERR');
  });

  describe('in a group of its own ends at once with all that it has started', () => {
    const script = "trap '' TERM; echo begun; sleep 60 & echo $!; wait";
    const endOf = async (output: string) => {
      const child = Number(output.split('\n')[1]);
      const isGone = () => !existsSync(`/proc/${child}`) || / Z /.test(readFileSync(`/proc/${child}/stat`, 'utf8'));
      await waitFor({ what: 'the end of the program that it has started', until: isGone });
    };

    test('at its timeout', async () => {
      const { code, output } = await sh(script, { timeout: 300, group: true });
      expect(code).toBe('no answer within 0.3 s');
      await endOf(output);
    });

    test('by its signal', async () => {
      const { code, output } = await sh(script, { timeout: undefined, signal: AbortSignal.timeout(300), group: true });
      expect(code).toBe('ABORT_ERR');
      await endOf(output);
    });

    test('by a signal that was there before', async () => {
      expect(await sh(script, { signal: AbortSignal.abort(), group: true })).toMatchObject({ code: 'ABORT_ERR' });
    });

    test('when it says too much', async () => {
      const { code, output } = await sh('echo begun; yes >&2 & echo $!; wait', { most: 1000, group: true });
      expect(code).toMatch(/maxBuffer/);
      await endOf(output);
    });
  });

  test('is not waited for longer where another one keeps its output open', async () => {
    expect(await sh('echo begun; sleep 2 &', { timeout: 300 })).toMatchObject({
      code: 'no answer within 0.3 s',
      output: 'begun\n',
    });
  });

  test('is ended when it says too much', async () => {
    const ended = await sh('exec yes', { most: 1000 });
    expect(ended.code).toMatch(/maxBuffer/);
    expect(ended.output.length).toBeLessThan(200_000);
  });

  test('whose output alone matters throws with why it failed', async () => {
    expect(await outputOf({ command: 'echo', args: ['yes'] })).toBe('yes\n');
    await expect(outputOf({ command: 'sh', args: ['-c', 'echo no >&2; exit 1'] })).rejects.toThrow('sh: no');
  });
});
