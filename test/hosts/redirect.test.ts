import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fromSetup } from '../../testbed';

type Seen = Record<'before' | 'led' | 'established' | 'afterwards' | 'finishing' | 'trace' | 'legacy', string> & {
  /** Ports by kind of table: nft, legacy. */
  places: number[];
  left: number[];
  changed: boolean[];
  possible: boolean;
  holds: boolean[];
};

let seen: Seen;

/** The kernel's tables of a network namespace are its own. */
beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('needs a network namespace of its own: run the tests as root');
  const program = fromSetup('dist', 'test', 'hosts', 'redirect-inside.js');
  const { stdout } = await promisify(execFile)('unshare', ['--net', process.execPath, program], { timeout: 30_000 });
  seen = JSON.parse(stdout) as Seen;
}, 120_000);

test('leads new connections to another port, over IPv4 and IPv6, at every address of the machine', () => {
  expect(seen).toMatchObject({ before: 'first', led: 'second' });
});

test('leaves what is established where it is, also where the kernel had no rule before', () => {
  expect(seen.established).toBe('first');
});

test('lets those who were led finish when nobody new is', () => {
  expect(seen).toMatchObject({ afterwards: 'first', finishing: 'second' });
});

test('knows whether its rules are there, apart from those of another service, and leaves no trace', () => {
  expect(seen).toMatchObject({ holds: [true, false, false], trace: 'none' });
});

test('makes the kernel load no legacy table by looking', () => {
  expect(seen.legacy).not.toContain('nat');
});

test('leads by the table in which the engine leads ports, and takes its rules out of the other', () => {
  expect(seen).toMatchObject({ changed: [false, true], places: [0, 2] });
});

test('cleans up in every table', () => {
  expect(seen.left).toEqual([0, 0]);
});

test('is not possible where no engine publishes ports', () => {
  expect(seen.possible).toBe(false);
});
