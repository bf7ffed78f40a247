import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadSegment, projectRoot, startLoad, startTemporal, type Temporal, waitFor } from '../testbed';
import { bootHost, type DemoHost, type HostOptions } from './host';
import { later, run, say, show } from './show';

/**
 * Shows the API of `examples/edu-agents` in its three forms, each on a host of its own: one unit, one unit behind a
 * HAProxy that holds requests, and instances behind nginx. Each form is released, upgraded under load, rolled back from a
 * bad version, and rolled back by command. Exits 0 only if no request failed behind the proxies.
 */
const example = join(projectRoot, 'examples', 'edu-agents');

interface Scene {
  name: string;
  title: string;
  port: number;
  /** True where the API runs before the first release. */
  isThere: boolean;
  /** False where a gap is to be expected: its failures are told, and not counted. */
  isWhole: boolean;
  prepare: HostOptions['prepare'];
}

const read = (file: string): string => readFileSync(join(example, file), 'utf8');

const scenes: Scene[] = [
  {
    name: 'one-unit',
    title: 'One unit, restarted in its place',
    port: 8000,
    isThere: true,
    isWhole: false,
    async prepare({ machine, run: runThere }) {
      await runThere('../deployment/install.sh');
      await runThere('systemctl', 'start', 'edu_agents');
      await answers(machine.ip(), 8000);
    },
  },
  {
    name: 'held',
    title: 'The same unit, and a HAProxy that holds requests meanwhile',
    port: 80,
    isThere: true,
    isWhole: true,
    async prepare({ machine, run: runThere }) {
      await runThere('../deployment/install.sh');
      await machine.write('/etc/haproxy/haproxy.cfg', read('held/haproxy.cfg'));
      await runThere('systemctl', 'start', 'edu_agents', 'haproxy');
      await answers(machine.ip(), 80);
    },
  },
  {
    name: 'instances',
    title: 'Instances of a template unit behind nginx, one at a time',
    port: 80,
    isThere: false,
    isWhole: true,
    async prepare({ machine, run: runThere }) {
      await machine.write('/etc/nginx/belay/api.servers', 'server 127.0.0.1:1 down;\n');
      await machine.write('/etc/nginx/nginx.conf', read('instances/nginx.conf'));
      await runThere('systemctl', 'start', 'nginx');
    },
  },
];

async function demonstrate(): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-edu-'));
  later(async () => rmSync(dir, { recursive: true, force: true }));
  say('Three versions of the API are packed, and the image of a host with systemd is built, where they are missing');
  await run({ command: ['./build.sh'], cwd: example });
  const temporal = await startTemporal({ dir });
  later(() => temporal.stop());
  say('Three hosts with systemd boot, one for each form of the API');
  const ends: Array<{ scene: Scene; phases: Record<string, LoadSegment> }> = [];
  const booting = scenes.map((scene) => bootScene(scene, temporal));
  // Late ones have to be closed too, if one fails.
  await Promise.allSettled(booting);
  const hosts = await Promise.all(booting);
  for (const [index, scene] of scenes.entries()) ends.push({ scene, phases: await play(scene, hosts[index]!) });
  for (const { scene, phases } of ends) tell(scene, phases);
  return ends.every(({ scene, phases }) => !scene.isWhole || Object.values(phases).every(({ failed }) => failed === 0));
}

const bootScene = ({ name, prepare }: Scene, temporal: Temporal): Promise<DemoHost> =>
  bootHost({ name, example, project: name, temporal, prepare });

async function play(
  { name, title, port, isThere }: Scene,
  { machine, belay }: DemoHost,
): Promise<Record<string, LoadSegment>> {
  say(`${title}. The first release brings version 1.0.0 under Belay`);
  const first = () => belay(['release', '--version', 'api=1.0.0']);
  if (!isThere) await first();
  const load = await startLoad({
    url: `http://${machine.ip()}:${port}`,
    path: '/api/lesson',
    method: 'mixed',
    clients: 4,
    ratePerSecond: 80,
    timeout: 30_000,
  });
  later(load.stop);
  await load.mark('take over');
  if (isThere) await first();
  say(`${name}: 1.1.0 under load`);
  await load.mark('upgrade');
  await belay(['release', '--version', 'api=1.1.0']);
  say(`${name}: 1.2.0 says that it is not healthy`);
  await load.mark('broken');
  await belay(['release', '--version', 'api=1.2.0'], 3);
  say(`${name}: back to 1.0.0 by command`);
  await load.mark('rollback');
  await belay(['rollback']);
  const { phases, failures } = await load.stop();
  for (const failure of failures.slice(0, 3)) process.stdout.write(`  ${failure}\n`);
  const now = (await (await fetch(`http://${machine.ip()}:${port}/health`)).json()) as { version: string };
  if (now.version !== '1.0.0') throw new Error(`${name} answers with version ${now.version} after the rollback`);
  return phases;
}

const answers = (ip: string, port: number): Promise<void> =>
  waitFor({
    what: `the API at port ${port}`,
    until: () =>
      fetch(`http://${ip}:${port}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });

function tell({ name, isWhole }: Scene, phases: Record<string, LoadSegment>): void {
  process.stdout.write(`\n${name}${isWhole ? '' : ' (has a gap at each restart)'}\n`);
  for (const [phase, { requests, failed, p99, byVersion }] of Object.entries(phases))
    process.stdout.write(
      `  ${phase.padEnd(9)}  ${requests} requests, ${failed} failed, 99 % within ${p99.toFixed(0)} ms, by version ${JSON.stringify(byVersion)}\n`,
    );
}

show(demonstrate);
