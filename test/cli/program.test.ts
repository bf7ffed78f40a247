import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completionScript } from '../../src/cli/completion';
import { treeOf } from '../../src/cli/completion/tree';
import { createProgram } from '../../src/cli/program';
import { belay, fakeContext } from './support';

const program = createProgram(fakeContext());
const verbs = program.commands.map((command) => command.name());

test('every verb is there', () => {
  expect(verbs).toEqual([
    'init', 'check', 'doctor', 'plan', 'release', 'restart', 'set', 'status', 'ps', 'logs', 'approve', 'reject', 'pause', 'resume', 'retry', 'skip', 'rollback',
    'history', 'drop', 'prune', 'backup', 'drill', 'restore', 'migrate', 'serve', 'worker', 'schema', 'completion',
  ]); // biome-ignore format: a list
});

test.each(verbs)('%s --help says what it is, gives examples, and does nothing', async (verb) => {
  const { code, out, err } = await belay([verb, '--help'], { cwd: '/nowhere' });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`Usage: belay ${verb}`);
  expect(out).toContain('Examples:');
  expect(out).toContain(`belay ${verb}`);
  expect(out).toMatch(/--file <path>/);
});

test('belay alone shows its help and ends with 2', async () => {
  const { code, err } = await belay([]);
  expect(code).toBe(2);
  expect(err).toContain('Usage: belay');
});

test.each([
  [['relase'], "unknown command 'relase'", 'did you mean release?'],
  [['plan', '--exitcode'], "unknown option '--exitcode'", 'did you mean --exit-code?'],
  [['plan', '--version', 'api'], "argument 'api' is invalid. Write service=value", 'belay plan --help'],
  [['completion', 'ksh'], 'Allowed choices are bash, zsh, fish', 'belay completion --help'],
  [['serve', '--stop', '--detach'], 'cannot be used with', 'belay serve --help'],
  [['status', 'a', 'b'], 'too many arguments', 'belay status --help'],
])('%j is wrong input: %s', async (argv, message, hint) => {
  const { code, err, out } = await belay(argv);
  expect(code).toBe(2);
  expect(err).toContain(message);
  expect(err).toContain(`  → ${hint}`);
  expect(out).toBe('');
});

test('--version of the program and of a release are two things', async () => {
  expect((await belay(['--version'])).out).toMatch(/^\d+\.\d+\.\d+$/);
  const { err } = await belay(['plan', '--version', 'api=2', '--version', 'api=3']);
  expect(err).toContain('api is given twice');
});

test('schema prints the JSON Schema', async () => {
  const { out, code } = await belay(['schema']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ title: 'belay.yaml' });
});

test('without a belay.yaml it says so, for programs too', async () => {
  const { code, err, out } = await belay(['plan', '--json'], { cwd: '/' });
  expect(code).toBe(2);
  expect(err).toBe(
    'belay: there is no belay.yaml here or in a folder above /\n  → `belay init` writes one; -f names the folder of another',
  );
  expect(JSON.parse(out)).toEqual({
    version: 1,
    type: 'error',
    code: 'input-invalid',
    exitCode: 2,
    message: expect.any(String),
    hint: expect.any(String),
  });
});

test('a stack is shown only with --debug', async () => {
  expect((await belay(['plan'], { cwd: '/' })).err).not.toContain('    at ');
  expect((await belay(['plan', '--debug'], { cwd: '/' })).err).toContain('    at ');
});

describe('a spec that is wrong', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-cli-'));
  beforeAll(() =>
    writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\nservices:\n  api: { instnces: 2, image: 7 }\n'),
  );
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is told at once, one problem a line, without Temporal', async () => {
    const { code, err } = await belay(['release'], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toMatch(
      /^belay: the spec is wrong \(2 problems\)\n {2}belay\.yaml:3:\d+ services\.api\.\S+: .*\n {2}belay\.yaml:3:\d+ services\.api\.\S+: .*\n {2}→ correct /,
    );
  });

  test('is found from a folder inside, and by -f before or after the verb', async () => {
    for (const argv of [
      ['-f', folder, 'plan'],
      ['plan', '-f', join(folder, 'belay.yaml')],
    ]) {
      expect((await belay(argv, { cwd: '/' })).err).toContain('the spec is wrong');
    }
  });
});

describe('completion', () => {
  const scripts = { bash: ['bash', '-n'], zsh: ['zsh', '-n'], fish: ['fish', '-n'] } as const;

  test.each(['bash', 'zsh', 'fish'] as const)('of %s knows every verb and its options', (shell) => {
    const script = completionScript(shell, treeOf(program));
    for (const verb of verbs) expect(script).toContain(verb);
    expect(script).toContain(shell === 'fish' ? '-l take-over' : '--take-over');
    const [command, ...args] = scripts[shell];
    const checked = spawnSync(command, args, { input: script, encoding: 'utf8' });
    if (!checked.error) expect(checked.stderr).toBe('');
  });

  test('in bash offers verbs, then the options of the verb', () => {
    const script = completionScript('bash', treeOf(program));
    const complete = (...words: string[]) => {
      const call = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _belay_complete; echo "\${COMPREPLY[*]}"`;
      return spawnSync('bash', ['-c', `${script}\n${call}`], { encoding: 'utf8' })
        .stdout.trim()
        .split(' ');
    };
    expect(complete('belay', 're')).toEqual(['release', 'restart', 'reject', 'resume', 'retry', 'restore']);
    expect(complete('belay', 'status', '--f')).toEqual(['--follow', '--file']);
    expect(complete('belay', 'completion', 'b')).toEqual(['bash']);
  });

  test('of an unknown SHELL is for bash', async () => {
    expect((await belay(['completion'], { env: { SHELL: '/bin/ksh' } })).out).toContain('complete -o default -F');
    expect((await belay(['completion'], { env: { SHELL: '/usr/bin/fish' } })).out).toContain('__fish_use_subcommand');
  });
});
