import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchAttributeTypes } from '../../src/search-attributes';
import { projectRoot } from '../../testbed/root';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-namespace-'));
  program('sleep', '');
});

afterEach(() => rmSync(folder, { recursive: true }));

const program = (name: string, body: string) =>
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });

/** Runs the job with a `temporal` that fails `failures` times before each answer, and lists these search attributes. */
function job(failures: number, known: string[] = []): { status: number | null; said: string; asked: string[] } {
  const log = join(folder, 'asked');
  const answers = `case "$*" in
  *describe*) exit 1 ;;
  *list*) echo '${known.join(' ')}' ;;
esac`;
  program(
    'temporal',
    `echo "$*" >>${log}
[ "$(grep -cxF -e "$*" ${log})" -gt ${failures} ] || { echo deadline exceeded >&2; exit 1; }
${answers}`,
  );
  const { status, stdout, stderr } = spawnSync('sh', [join(projectRoot, 'deploy', 'temporal', 'namespace.sh')], {
    env: { PATH: `${folder}:${process.env.PATH}`, TEMPORAL_NAMESPACE: 'belay', RETENTION: '9d' },
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr, asked: readFileSync(log, 'utf8').trim().split('\n') };
}

const made = (asked: string[]) => asked.flatMap((line) => /search-attribute create --name (\w+)/.exec(line)?.[1] ?? []);

test('asks each thing again while Temporal is slow to answer', () => {
  const { status, said, asked } = job(3);
  expect({ status, said }).toEqual({ status: 0, said: 'namespace: belay keeps ended releases for 9d\n' });
  expect(new Set(made(asked))).toEqual(new Set(Object.keys(searchAttributeTypes)));
  expect(asked.filter((line) => line === 'operator namespace create --namespace belay --retention 9d')).toHaveLength(4);
});

test('makes no search attribute again', () => {
  const [first, ...rest] = Object.keys(searchAttributeTypes);
  expect(made(job(0, rest).asked)).toEqual([first]);
});

test('gives up after thirty tries, with the last reason and the way to go on', () => {
  const { status, said } = job(30);
  expect(status).toBe(1);
  expect(said).toMatch(
    /^deadline exceeded\n(.*\n)?namespace: Temporal refused the namespace of belay 30 times: .*docker compose start/,
  );
});
