import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drillsOf } from '../src/drill';
import { projectRoot, startTemporal } from '../testbed';
import { startWorkerProcess } from '../testbed/worker';
import { later, run, runBelay, say, show } from './show';

/**
 * Drills the shutdown of the agents of `examples/agents`, of which each stops in a way of its own. Exits 0 only if every
 * verdict and every finding is the expected one.
 */
const cwd = join(projectRoot, 'examples', 'agents');

interface Expected {
  verdict: 'pass' | 'fail';
  findings: string[];
}

async function demonstrate(): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-agents-'));
  later(async () => rmSync(dir, { recursive: true, force: true }));
  say('The images of the agents are built, where they are missing');
  await run({ command: ['./build.sh'], cwd });
  const { address, stop } = await startTemporal({ dir });
  later(stop);
  const home = join(dir, 'home');
  const worker = await startWorkerProcess({ dir, address, home, specs: cwd, host: 'agents' });
  later(() => worker.stop());
  say('Nineteen agents, and one of them behind an init: each is started, stopped, and watched, three at a time');
  const report = join(dir, 'drill.md');
  const env = { TEMPORAL_ADDRESS: address, BELAY_HOME: home, BELAY_SPECS: cwd };
  await runBelay(['drill', '--all', '--wait', '25s', '--markdown', report], { cwd, env, expected: 3 });
  process.stdout.write(`\n${readFileSync(report, 'utf8')}`);
  return await areAsExpected(home);
}

async function areAsExpected(home: string): Promise<boolean> {
  const expected = JSON.parse(readFileSync(join(cwd, 'expected.json'), 'utf8')) as Record<string, Expected>;
  const found = new Map((await drillsOf(home, 'agents')).map((one) => [one.service, one]));
  const others = Object.entries(expected).flatMap(([name, one]) => {
    const is = found.get(name);
    const ids = is?.findings.map(({ id }) => id) ?? [];
    return textOf({ verdict: is?.verdict, findings: ids }) === textOf(one)
      ? []
      : [
          `${name}: ${is?.verdict ?? 'not drilled'} (${ids.join(', ')}), not ${one.verdict} (${one.findings.join(', ')})`,
        ];
  });
  const total = Object.keys(expected).length;
  process.stdout.write(
    `\n${total - others.length} of ${total} agents as expected\n${others.map((line) => `${line}\n`).join('')}`,
  );
  return others.length === 0;
}

const textOf = ({ verdict, findings }: { verdict?: string; findings: string[] }): string =>
  `${verdict} ${[...findings].sort().join()}`;

show(demonstrate);
