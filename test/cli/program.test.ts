import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completionScript } from '../../src/cli/completion';
import { treeOf } from '../../src/cli/completion/tree';
import { createProgram } from '../../src/cli/program';
import { createLedger } from '../../src/hosts/ledger';
import { desired } from '../hosts/support';
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
  [['release', 'web'], 'too many arguments', 'name a service by --service: belay release --service NAME'],
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
  test.each(['bash', 'zsh', 'fish'] as const)('of %s knows every verb and its options', (shell) => {
    const script = completionScript(shell, treeOf(program));
    for (const verb of verbs) expect(script).toContain(verb);
    expect(script).toContain(shell === 'fish' ? '-l take-over' : '--take-over');
    const folder = mkdtempSync(join(tmpdir(), 'belay-completion-'));
    writeFileSync(join(folder, 'script'), script);
    const checked = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    if (!checked.error) expect(checked.stderr).toBe('');
  });

  /** A shell that completes these words; `belay` says what it is asked for. */
  const complete = (...words: string[]) => {
    const script = completionScript('bash', treeOf(program));
    const line = words.join(' ');
    const call = `COMP_WORDBREAKS='='; COMP_LINE='${line}'; COMP_POINT=${line.length}; _belay_complete; echo "\${COMPREPLY[*]}"`;
    return spawnSync('bash', ['-c', `belay() { echo "$3 api=1 api=2"; }\n${script}\n${call}`], { encoding: 'utf8' })
      .stdout.trim()
      .split(' ');
  };

  test('in bash offers verbs, then the options of the verb', () => {
    expect(complete('belay', 're')).toEqual(['release', 'restart', 'reject', 'resume', 'retry', 'restore']);
    expect(complete('belay', 'status', '--f')).toEqual(['--follow', '--file']);
    expect(complete('belay', 'completion', 'b')).toEqual(['bash']);
  });

  test('in bash offers what the project knows, after an option and as an argument', () => {
    expect(complete('belay', 'ps', 's')).toEqual(['services']);
    expect(complete('belay', 'ps', '--')).toEqual(expect.arrayContaining(['--json', '--host']));
    expect(complete('belay', 'rollback', '--to', 'r')).toEqual(['revisions']);
    expect(complete('belay', 'rollback', '--to', 'api=')).toEqual(['1', '2']);
    expect(complete('belay', 'release', '--version', 'as')).toEqual(['assignments']);
    expect(complete('belay', 'release', '--reason', '')).toEqual(['']);
  });

  test('knows services, revisions, environments and platforms of the folder and the ledger', async () => {
    const home = mkdtempSync(join(tmpdir(), 'belay-words-'));
    const folder = join(home, 'shop');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'belay.yaml'),
      'platform: shop\nenvironments: { staging: s.yaml }\nservices: { api: { instances: many }, web: {} }\n',
    );
    const ledger = createLedger({ home });
    for (const [service, number] of [
      ['api', 1],
      ['api', 2],
      ['old', 1],
    ] as const) {
      const own = ledger.of({ platform: 'shop', service });
      await own.writePending({
        task: { kind: 'run' },
        number,
        desired: desired({ service }),
        by: '',
        reason: '',
        release: 'r',
      });
      if (number === 1) await own.setState(number, 'recorded');
    }
    const words = async (kind: string) =>
      (await belay(['completion', '--words', kind], { cwd: folder, env: { BELAY_HOME: home } })).out.split('\n');
    expect(await words('services')).toEqual(['api', 'old', 'web']);
    expect(await words('assignments')).toEqual(['api=', 'old=', 'web=']);
    expect(await words('revisions')).toEqual(['api=1', 'old=1']);
    expect(await words('environments')).toEqual(['staging']);
    expect(await words('platforms')).toEqual(['shop', 'shop-staging']);
    const elsewhere = async (line: string) =>
      (await belay(['completion', '--words', 'services', '--line', line], { cwd: '/', env: { BELAY_HOME: home } })).out;
    expect(await elsewhere('belay ps ')).toBe('');
    expect(await elsewhere(`belay ps -f ${folder} `)).toBe('api\nold\nweb');
    expect(await elsewhere('belay ps -p shop ')).toBe('api\nold');
    rmSync(home, { recursive: true });
  });

  test('offers no name that a shell would run: the folder may be from elsewhere', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'belay-words-'));
    const spec = (platform: string) =>
      writeFileSync(
        join(folder, 'belay.yaml'),
        `platform: ${platform}\nenvironments: { "\`id\`": s.yaml }\nservices: { api: {}, "$(touch\${IFS}ran)": {} }\n`,
      );
    const words = async (kind: string) =>
      (await belay(['completion', '--words', kind], { cwd: folder, env: { BELAY_HOME: folder } })).out;
    spec('shop');
    expect(await Promise.all(['services', 'assignments', 'environments'].map(words))).toEqual(['api', 'api=', '']);
    spec('$(id)');
    expect(await words('platforms')).toBe('');
    rmSync(folder, { recursive: true });
  });

  test('of an unknown SHELL is for bash', async () => {
    expect((await belay(['completion'], { env: { SHELL: '/bin/ksh' } })).out).toContain('complete -o default -F');
    expect((await belay(['completion'], { env: { SHELL: '/usr/bin/fish' } })).out).toContain('__fish_use_subcommand');
  });
});
