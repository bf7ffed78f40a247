import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fromSetup } from '../../testbed/root';
import { belay } from './support';

test('a slow reader of a pipe gets all that a command says', async () => {
  const { out } = await belay(['schema']);
  // More than a pipe holds.
  expect(out.length).toBeGreaterThan(65_536);
  const main = fromSetup('dist', 'src', 'cli', 'main.js');
  // The reader begins once nothing more fits, or the command has ended.
  const script = '"$0" "$1" schema | { read -r first; echo "$first"; sleep 1; cat; }';
  const reader = spawn('bash', ['-c', script, process.execPath, main], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(reader, 'exit');
  expect(await text(reader.stdout)).toBe(`${out}\n`);
  expect(await ended).toEqual([0, null]);
});
