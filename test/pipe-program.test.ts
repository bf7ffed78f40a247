import { type PipedProgram, programText } from '../src/pipe-program';

const run = (line: string, more: Partial<PipedProgram> = {}) =>
  programText({
    command: 'sh',
    args: ['-c', line],
    signal: new AbortController().signal,
    failure: ({ code, errors }) => new Error(`${code}: ${errors}`),
    ...more,
  });

async function* data(...pieces: Array<string | Error>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    yield Buffer.from(piece);
  }
}

test('a program gets its input, and gives its output', async () => {
  expect(await run('cat; echo end', { input: data('one ', 'two ') })).toBe('one two end\n');
});

test('a program that fails is told by its code and the end of its standard error', async () => {
  await expect(run('echo half; echo the cause >&2; exit 3')).rejects.toThrow('3: the cause');
  await expect(run('kill -9 $$')).rejects.toThrow('SIGKILL');
  await expect(run('', { command: 'nothing-of-that-name' })).rejects.toThrow('ENOENT: ');
});

test('an input that fails is the failure, also where the program has no use for it', async () => {
  const broken = () => data('x', new Error('the input broke'));
  await expect(run('cat', { input: broken() })).rejects.toThrow('the input broke');
  await expect(run('exit 0', { input: broken() })).rejects.toThrow('the input broke');
});

test('a program that fails is the failure, also where it leaves its input', async () => {
  const endless = async function* () {
    for (;;) yield Buffer.alloc(65_536);
  };
  await expect(run('echo no >&2; exit 4', { input: endless() })).rejects.toThrow('4: no');
});

test('a program ends when it is called off', async () => {
  const calledOff = new AbortController();
  const running = run('exec sleep 60', { signal: calledOff.signal });
  calledOff.abort(new Error('called off'));
  await expect(running).rejects.toThrow('called off');
});
