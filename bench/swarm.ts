import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { docker, type Image, projectRoot } from '../testbed';
import type { LoadResult } from '../testbed/load-messages';
import { timed } from './targets';

const service = 'belay-bench-api';
const network = 'belay-bench';

export interface SwarmFigures {
  wall: number;
  rollback: number;
  failed: number;
  requests: number;
  p99Before: number;
  p99During: number;
}

/**
 * Measures `docker service update --update-order start-first` on a one-node Swarm under the same load. Times in
 * milliseconds.
 */
export async function measureSwarm({
  from,
  to,
  quiet,
}: {
  from: Image;
  to: Image;
  quiet: number;
}): Promise<SwarmFigures> {
  await docker(['swarm', 'init', '--advertise-addr', '127.0.0.1']);
  try {
    await docker(['network', 'create', '-d', 'overlay', '--attachable', network]);
    await docker(['service', 'create', ...common, '--name', service, '--network', network, from.pinned]);
    const load = await startContainedLoad(from);
    await new Promise((resolve) => setTimeout(resolve, quiet));
    load.say('mark during');
    const wall = await timed(() =>
      docker(['service', 'update', '--detach=false', '--quiet', '--image', to.pinned, service]),
    );
    load.say('mark back');
    const rollback = await timed(() => docker(['service', 'rollback', '--detach=false', '--quiet', service]));
    const { failed, requests, phases } = await load.stop();
    return {
      wall,
      rollback,
      failed,
      requests,
      p99Before: phases.start?.p99 ?? Number.NaN,
      p99During: phases.during?.p99 ?? Number.NaN,
    };
  } finally {
    await docker(['swarm', 'leave', '--force']);
  }
}

/** Three instances, one at a time, new before old. DNS round robin, because a virtual address needs IPVS. */
const common = [
  '--detach=false',
  '--quiet',
  '--replicas=3',
  '--endpoint-mode=dnsrr',
  '--update-order=start-first',
  '--update-parallelism=1',
  '--rollback-order=start-first',
  '--rollback-parallelism=1',
  '--stop-grace-period=10s',
];

/** Starts the same load in a container on the service's network; it resolves names for each new connection. */
async function startContainedLoad(image: Image) {
  const mount = `${projectRoot}:/belay:ro`;
  const args = [
    'run',
    '--rm',
    '-i',
    '--network',
    network,
    '-v',
    mount,
    image.pinned,
    'node',
    '/belay/dist/bench/swarm-load.js',
    `http://${service}:8080`,
  ];
  const child = spawn('docker', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const say = (line: string) => child.stdin.write(`${line}\n`);
  return {
    say,
    async stop(): Promise<LoadResult> {
      child.stdin.end();
      const { value } = await lines.next();
      await ended(child);
      return JSON.parse(value as string) as LoadResult;
    },
  };
}

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode === null ? new Promise((resolve) => void child.once('exit', () => resolve())) : Promise.resolve();
