import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadResult, projectRoot, startLoad, startTemporal, waitFor } from '../testbed';
import { bootHost, type DemoHost } from './host';
import { later, run, say, show } from './show';

/**
 * Shows the services of `examples/dspy` on a host with systemd. Their own script installs them; Belay takes them over,
 * upgrades them in their order, rolls a bad version back, and goes back by command. Exits 0 only if the application
 * lost no task. A load on the orchestrator's page tells how long it is away.
 */
const example = join(projectRoot, 'examples', 'dspy');
const services = ['env-manager', 'orchestrator', 'application'];

async function demonstrate(): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-dspy-'));
  later(async () => rmSync(dir, { recursive: true, force: true }));
  say('Three versions of the stand-ins are built, where they are missing');
  await run({ command: ['./build.sh'], cwd: example });

  say(
    'A host with systemd boots, from an image that is built where it is missing. The example deploys version 0.1.0 by its script',
  );
  const temporal = await startTemporal({ dir });
  later(() => temporal.stop());
  const host = await bootHost({ name: 'dspy', example, temporal, prepare: install });
  const belay = (args: string[], expected?: number) => host.belay([...args, '--env', 'demo'], expected);
  const load = await startLoad({
    url: `http://${host.machine.ip()}:9097`,
    path: '/queue/status',
    clients: 2,
    ratePerSecond: 50,
  });
  later(load.stop);

  say('The first release takes the units over: their programs become revision 0');
  await load.mark('take over');
  await belay(['release', ...versions('0.1.0')]);
  say('All three go to 0.2.0: env-manager first, then the orchestrator, then the application');
  await load.mark('upgrade');
  await belay(['release', ...versions('0.2.0'), '--reason', 'new runners']);
  say('Version 0.3.0 of the orchestrator is broken: it starts, and never gets ready');
  await load.mark('broken');
  await belay(['release', '--service', 'orchestrator', '--version', 'orchestrator=0.3.0'], 3);
  say('And back to 0.1.0, by command');
  await load.mark('rollback');
  await belay(['rollback']);
  say('And to what ran before Belay, which is revision 0');
  await load.mark('to the first');
  await belay(['rollback', '--to', '0']);

  tell(await load.stop());
  const { submitted, completed, lost } = await tasksOf(host);
  process.stdout.write(`\n${submitted} tasks submitted by the application, ${completed} completed, ${lost} lost\n`);
  return lost === 0 && completed > 0 && (await versionsOf(host)) === '0.1.0 0.1.0';
}

const versions = (version: string): string[] => services.flatMap((name) => ['--version', `${name}=${version}`]);

/** The guide's own way, with a stand-in of Docker. */
async function install({ machine, run: runThere }: Pick<DemoHost, 'machine' | 'run'>): Promise<void> {
  const docker = ['[Service]', 'Group=docker', 'ExecStart=/srv/dspy/builds/0.1.0/docker', ''];
  await machine.write('/etc/systemd/system/docker.service', docker.join('\n'));
  await runThere('./scripts/deploy_production.sh');
  await runThere('systemctl', 'start', 'dspy-agent.target');
  const works = async () => (await healthOf(machine.ip())).completed > 0;
  await waitFor({ what: 'a task of the application', until: () => works().catch(() => false) });
}

interface Tasks {
  version: string;
  submitted: number;
  completed: number;
  lost: number;
}

const healthOf = async (ip: string): Promise<Tasks> =>
  (await (await fetch(`http://${ip}:8000/health`)).json()) as Tasks;

/** Returns the tasks of all versions: each says its own when it stops. */
async function tasksOf({ machine }: DemoHost): Promise<Tasks> {
  const journal = await machine.exec('journalctl', ['--unit', 'application', '--output', 'cat']);
  const said = [...journal.matchAll(/stopped: (\d+) tasks submitted, (\d+) completed, (\d+) lost/g)];
  const running = await healthOf(machine.ip());
  const sum = (own: number, index: number) => said.reduce((all, match) => all + Number(match[index]), own);
  return {
    version: running.version,
    submitted: sum(running.submitted, 1),
    completed: sum(running.completed, 2),
    lost: sum(running.lost, 3),
  };
}

async function versionsOf({ machine }: DemoHost): Promise<string> {
  const status = (await (await fetch(`http://${machine.ip()}:9097/queue/status`)).json()) as { version: string };
  return `${status.version} ${(await healthOf(machine.ip())).version}`;
}

function tell({ phases }: LoadResult): void {
  process.stdout.write("\nThe orchestrator's page, which nobody answers while its only unit restarts:\n");
  for (const [phase, { requests, failed, byVersion }] of Object.entries(phases))
    process.stdout.write(
      `${phase.padEnd(12)}  ${requests} requests, ${failed} failed, by version ${JSON.stringify(byVersion)}\n`,
    );
}

show(demonstrate);
