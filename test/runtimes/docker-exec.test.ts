import { setTimeout as sleep } from 'node:timers/promises';
import { type Containers, dockerContainers } from '../../src/runtimes/docker/containers';
import { execText } from '../../src/runtimes/docker/exec';
import { imageExists } from '../../testbed/base-image';
import { docker as command } from '../../testbed/docker';
import { openEngine, type TestEngine } from './engine';

let engine: TestEngine;
let containers: Containers;
let shell: string;
let bare: string;

beforeAll(async () => {
  engine = await openEngine('exec');
  containers = dockerContainers({ docker: engine.docker });
  const image = 'shannon/postgres:15';
  if (!(await imageExists(image))) throw new Error(`${image} is missing: run scripts/setup.sh`);
  shell = `${engine.prefix}-shell`;
  bare = `${engine.prefix}-bare`;
  await command([
    'run',
    '--detach',
    '--interactive',
    '--name',
    shell,
    '--network',
    'none',
    '--entrypoint',
    'sh',
    image,
    '-c',
    idle,
  ]);
  await command(['run', '--detach', '--name', bare, '--network', 'none', engine.image, 'node', '-e', wait]);
});

afterAll(() => engine?.close());

const idle = 'sleep() { read -r line; }; sleep';
const wait = 'setInterval(() => {}, 1e6)';
const endless = 'setInterval(() => process.stdout.write(".".repeat(65536)), 1)';
const never = new AbortController().signal;
const failure = ({ code, errors }: { code: number; errors: string }) => new Error(`${code}: ${errors}`);
const text = (container: string, argv: string[], more: object = {}) =>
  execText(engine.docker, { container, argv, signal: never, failure, ...more });

const runs = async (container: string, word: string) =>
  (await command(['top', container, '-eo', 'pid,args'])).includes(word);

describe('a program in a container', () => {
  test('gives its output, byte for byte', async () => {
    const code = 'for (let i = 0; i < 64; i++) process.stdout.write(Buffer.alloc(100_003, i))';
    const output = await text(bare, ['node', '-e', code]);
    expect(output.length).toBe(64 * 100_003);
    expect(await text(shell, ['sh', '-c', 'echo $1; echo no >&2', 'x', 'a b'])).toBe('a b\n');
  });

  test('fails with its code and the end of its standard error', async () => {
    await expect(text(shell, ['sh', '-c', 'echo half; echo the cause >&2; exit 3'])).rejects.toThrow('3: the cause');
    await expect(text(bare, ['nothing-of-that-name'])).rejects.toThrow(/^12[67]: /);
    await expect(text(shell, ['nothing-of-that-name'])).rejects.toThrow(/^127: .*not found/);
  });

  test('reads an input to its end', async () => {
    const input = (async function* () {
      for (let i = 0; i < 100; i++) yield Buffer.alloc(50_000, 'x');
    })();
    const code = 'let n = 0; process.stdin.on("data", (d) => (n += d.length)).on("end", () => console.log(n))';
    expect(await text(bare, ['node', '-e', code], { input })).toBe('5000000\n');
  });

  test('fails for an input that fails, also where it has ended before', async () => {
    const broken = async function* () {
      yield Buffer.from('exit 0\n');
      await sleep(300);
      throw new Error('the input broke');
    };
    await expect(text(shell, ['sh'], { input: broken() })).rejects.toThrow('the input broke');
    await expect(text(bare, ['node', '-e', wait], { input: broken() })).rejects.toThrow('the input broke');
    expect(await runs(bare, wait.slice(0, 20))).toBe(true);
    expect((await command(['top', bare, '-eo', 'pid,args'])).split('\n').length).toBe(2);
  });

  test('has variables that no inspection shows', async () => {
    const asked = text(shell, ['sh', '-c', 'echo "$GIVEN"; read -r line < /dev/null; exit 0'], {
      env: { GIVEN: 's3cret-7' },
    });
    expect(await asked).toBe('s3cret-7\n');
    expect(JSON.stringify(await engine.docker.getContainer(shell).inspect())).not.toContain('s3cret-7');
  });

  test.each(['shell', 'bare'])('ends when it is called off (%s)', async (which) => {
    const container = which === 'shell' ? shell : bare;
    const argv = which === 'shell' ? ['sh', '-c', 'while :; do echo endless; done'] : ['node', '-e', endless];
    const calledOff = new AbortController();
    const reading = (async () => {
      for await (const _ of containers.exec({ container, argv, signal: calledOff.signal, failure })) {
        if (!calledOff.signal.aborted) calledOff.abort(new Error('called off'));
      }
    })();
    await expect(reading).rejects.toThrow('called off');
    expect(await runs(container, argv[2]!)).toBe(false);
  });

  test.each(['shell', 'bare'])('leaves nothing of a program that ignores signals (%s)', async (which) => {
    const container = which === 'shell' ? shell : bare;
    const deaf = `process.on("SIGTERM", () => {}); setInterval(() => {}, 77001)`;
    const parent = `${deaf}; require("node:child_process").spawn("node", ["-e", ${JSON.stringify(deaf)}], { stdio: "inherit" }); console.log("up")`;
    const sleeper = "trap '' TERM; while :; do read -t 1 line </dev/zero; done #77001";
    const argv = which === 'shell' ? ['sh', '-c', `sh -c "${sleeper}" & echo up; ${sleeper}`] : ['node', '-e', parent];
    const calledOff = new AbortController();
    const reading = (async () => {
      for await (const _ of containers.exec({ container, argv, signal: calledOff.signal, failure }))
        calledOff.abort(new Error('called off'));
    })();
    await expect(reading).rejects.toThrow('called off');
    expect(await runs(container, '77001')).toBe(false);
  });

  test('keeps whole lines of a long standard error', async () => {
    const long = 'for (let i = 0; i < 300; i++) console.error(String(i).padStart(20, "x")); process.exit(1)';
    await expect(text(bare, ['node', '-e', long])).rejects.toThrow(/^1: x{17}105\nx{17}106\n(x+\d+\n)*x{17}299$/);
  });

  test('ends when its reader stops', async () => {
    const argv = ['sh', '-c', 'while :; do echo endless; done'];
    for await (const _ of containers.exec({ container: shell, argv, signal: never, failure })) break;
    expect(await runs(shell, 'endless')).toBe(false);
  });

  test('is refused in a container that does not run', async () => {
    await expect(text(`${engine.prefix}-none`, ['sh'])).rejects.toMatchObject({ code: 'instance-lost' });
  });
});
