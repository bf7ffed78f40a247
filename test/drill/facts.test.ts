import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesOf } from '../../src/drill/live/processes';
import { isJavaVm, isShell, readStatus } from '../../src/drill/proc';
import { repeatedCleanUps } from '../../src/drill/repeated';

const status = (more: string) => `Name:\tnode\nState:\tS (sleeping)\nThreads:\t11\n${more}`;

test('the mask of caught signals tells what a process handles', () => {
  // Bit 14 is SIGTERM, bit 1 is SIGINT.
  const both = readStatus(status('SigCgt:\t0000000000004002\n'))!;
  expect([both.catches('SIGTERM'), both.catches('SIGINT'), both.catches('SIGHUP')]).toEqual([true, true, false]);
  expect([both.catches('15'), both.catches('TERM'), both.catches('1'), both.catches('SIGNONE')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const blocked = readStatus(status('SigBlk:\t0000000000004000\n'))!;
  expect([blocked.catches('SIGTERM'), blocked.handles('SIGTERM'), both.handles('SIGTERM')]).toEqual([
    true,
    false,
    true,
  ]);
  expect(both).toMatchObject({ name: 'node', threads: 11, zombie: false });
  expect(readStatus(status('SigCgt:\t0000000000000002\n'))!.catches('SIGTERM')).toBe(false);
  expect(readStatus(status('').replace('S (sleeping)', 'Z (zombie)'))).toMatchObject({ zombie: true });
  expect(readStatus('')).toBeUndefined();
});

test('this very process is read as the kernel shows it', () => {
  const { readFileSync } = require('node:fs') as typeof import('node:fs');
  const { threads, zombie } = readStatus(readFileSync('/proc/self/status', 'utf8'))!;
  expect({ many: threads > 1, zombie }).toEqual({ many: true, zombie: false });
});

test.each([
  ['/bin/sh\0-c\0node server.js\0', true],
  ['/bin/bash\0/entrypoint.sh\0', true],
  ['busybox\0sh\0-c\0sleep 9\0', true],
  ['/bin/sh\0', false],
  ['node\0server.js\0', false],
  ['/sbin/docker-init\0--\0sh\0-c\0node server.js\0', false],
  ['', false],
])('%j is a shell that runs something: %s', (commandLine, is) => {
  expect(isShell(commandLine)).toBe(is);
});

test.each([
  ['/usr/lib/jvm/java-21/bin/java', '', true],
  [
    '/usr/bin/jsvc',
    '7f00-7f01 r-xp 0 08:01 42 /usr/lib/jvm/java-21/lib/server/libjvm.so\n7f02-7f03 rw-p 0 00:00 0\n',
    true,
  ],
  ['/opt/api', '7f00-7f01 r-xp 0 08:01 42 /usr/lib/libc.so.6\n', false],
  ['/usr/bin/node', '', false],
  ['', '', false],
])('%j is a Java VM by its path or its memory: %s', (program, maps, is) => {
  expect(isJavaVm(program, maps)).toBe(is);
});

test.each([
  ['java', "trap 'exit 0' TERM", { handles: true, javaVm: true }],
  ['api', "trap 'exit 0' TERM", { handles: true }],
  ['java', 'true', { handles: false }],
])('the program %s after %s is seen in /proc', async (name, command, facts) => {
  const dir = mkdtempSync(join(tmpdir(), 'belay-drill-proc-'));
  copyFileSync('/bin/bash', join(dir, name));
  const child = spawn(join(dir, name), ['-c', `${command}; echo; read`], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    await once(child.stdout, 'data');
    const { leader } = (await processesOf(child.pid!, 'SIGTERM'))!;
    expect(leader).toEqual({ name, shell: false, catches: facts.handles, ...facts });
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
    rmSync(dir, { recursive: true });
  }
});

test.each([
  ['2026-11-30T09:00:00.123Z closing the pool\n2026-11-30 09:00:01 closing the pool', ['closing the pool']],
  ['09:00:01 cleanup took 12 ms\n09:00:02 cleanup took 9 ms', ['cleanup took']],
  [
    '{"time":1764493200123,"msg":"shutting down"}\n{"time":1764493200999,"msg":"shutting down"}',
    ['{"time":,"msg":"shutting down"}'],
  ],
  ['closing connection 1\nclosing connection 2', []],
  ['worker 7 stopped\nworker 8 stopped', []],
  ['GET /ready\nGET /ready', []],
  ['closed the pool', []],
])('%j tells these clean-ups twice: %j', (log, lines) => {
  expect(repeatedCleanUps(log)).toEqual(lines);
});
