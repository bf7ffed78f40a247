import { linesOf } from '../../src/cli/logs/lines-of';
import { waitFor } from '../../testbed/wait';

async function told(argv: string[], signal = new AbortController().signal): Promise<string[]> {
  const lines: string[] = [];
  await linesOf(argv, signal, (line) => lines.push(line));
  return lines.sort();
}

test('tells the lines of both outputs, and the end without a line break', async () => {
  expect(await told(['sh', '-c', 'echo one; echo two >&2; printf three'])).toEqual(['one', 'three', 'two']);
});

test('tells why a program cannot start', async () => {
  expect(await told(['/nowhere/docker', 'logs'])).toEqual([expect.stringContaining('ENOENT')]);
});

test('ends the program at the signal', async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const ended = linesOf(['sh', '-c', 'echo $$; exec sleep 600'], stop.signal, (line) => lines.push(line));
  await waitFor({ what: 'its first line', until: async () => lines.length > 0 });
  stop.abort();
  await ended;
  expect(() => process.kill(Number(lines[0]), 0)).toThrow('ESRCH');
});
