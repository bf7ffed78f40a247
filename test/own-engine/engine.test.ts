import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../testbed';

/**
 * An engine of its own restarts and dies here. An engine takes its network namespace's bridge and packet filter for
 * itself. So `inside.ts` runs in a namespace of its own, with a whole stage: engine, registry, HAProxy, Temporal,
 * worker and load.
 */
const titles = [
  'the engine restarted after a release: every instance serves again, where it was',
  'and the next release loses no request',
  'the engine killed in a launch: the release waits for it and comes to an end',
  'the engine killed in the first retire: the release waits for it and comes to an end',
];

let results: { success: boolean; tests: Map<string, string[]> };

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('needs a network namespace of its own: run the tests as root');
  results = await runInside();
}, 900_000);

test.each(titles)('%s', (title) => {
  expect(results.tests.get(title)).toEqual([]);
});

test('and nothing else went wrong inside', () => {
  expect([...results.tests.keys()]).toEqual(titles);
  expect(results.success).toBe(true);
});

/** Its mounts and processes are its own too, and gone with it, however it ends. */
const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const patience = 600_000;

/** Runs the tests inside, and returns their failures by title. */
async function runInside(): Promise<typeof results> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-inside-'));
  const report = join(dir, 'report.json');
  const jest = [join(projectRoot, 'node_modules', '.bin', 'jest'), '--selectProjects', 'beside others'];
  const tests = ['--testMatch', join(__dirname, 'inside.ts'), '--json', '--outputFile', report];
  // The shell stays: it is the first process there, and takes leave of what a killed engine has left.
  const command = ['sh', '-c', 'ip link set lo up; "$@"; exit $?', 'sh', ...jest, ...tests];
  try {
    const { stderr } = await run('unshare', [...namespaces, '--', ...command], { TMPDIR: dir });
    console.log(stderr);
    return resultsIn(report);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Its exit code is not asked: the report tells more. */
const run = (command: string, args: string[], env: NodeJS.ProcessEnv) =>
  promisify(execFile)(command, args, {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    maxBuffer: 1e8,
    timeout: patience,
  }).catch((error) => {
    if (typeof error.code === 'number') return error as { stderr: string };
    throw new Error(`${command}: ${error.message}; run scripts/setup.sh`);
  });

function resultsIn(report: string): typeof results {
  const { success, testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    success: boolean;
    testResults: { message: string; assertionResults: { title: string; failureMessages: string[] }[] }[];
  };
  const found = testResults.flatMap((file) => file.assertionResults);
  if (found.length === 0) throw new Error(testResults.map(({ message }) => message).join('\n'));
  return { success, tests: new Map(found.map(({ title, failureMessages }) => [title, failureMessages])) };
}
