import { clockFinding } from '../../checks/clock';
import { connectClient, connectOptions } from '../../client/connect';
import { type Poller, pollersOf } from '../../client/pollers';
import { hints } from '../../hints';
import { belayHome } from '../../hosts/home';
import { hostName } from '../../hosts/machine';
import { workersHere } from '../../hosts/workers';
import { temporalProgram } from '../serve/temporal-program';
import { bad, type Check, check, checkOf, ok } from './check';
import { examineOpen } from './open';
import { examinePaused } from './paused';
import { examineWebUi } from './web-ui';

/** Checks if Temporal answers, and if not, if there is a program to start it. */
export async function examineTemporal(env: NodeJS.ProcessEnv): Promise<Check[]> {
  const found = await examine(env);
  if (found[0]?.state === 'ok' || !hints(env).servesTemporal) return found;
  return [
    ...found,
    ...(await check('temporal', async () => ok('temporal', `belay serve would start ${temporalProgram(env)}`))),
  ];
}

/** Checks if Temporal answers, and if workers poll for plans and for this host's steps. */
async function examine(env: NodeJS.ProcessEnv): Promise<Check[]> {
  return await check('temporal', async () => {
    const { address, namespace } = connectOptions(env);
    const client = await connectClient(env);
    try {
      const seen: Poller[] = [];
      const look = (taskQueue: string, type: 'workflow' | 'activity') =>
        check('worker', async () => {
          const pollers = await pollersOf(client, { taskQueue, type });
          seen.push(...pollers);
          return worker(env, taskQueue, pollers);
        });
      const workers = [
        await look('belay', 'workflow'),
        await look(`belay-host-${await hostHere(env)}`, 'activity'),
        clockChecks(seen, Date.now()),
      ].flat();
      const more = [await examineWebUi(env, address), await examinePaused(client), await examineOpen(client)].flat();
      return [ok('temporal', `${address}, namespace ${namespace}`), ...workers, ...more];
    } finally {
      await client.connection.close();
    }
  });
}

/** A poll from the future shows that Temporal's clock is ahead, at least so much. Pure. */
export function clockChecks(pollers: Array<Pick<Poller, 'seenAt'>>, now: number): Check[] {
  const found = clockFinding('Temporal', Math.max(0, ...pollers.map(({ seenAt }) => seenAt - now)));
  return found ? [checkOf(found)] : [];
}

/** The name that this machine's worker gives it, else the one that a worker would. */
async function hostHere(env: NodeJS.ProcessEnv): Promise<string> {
  const noted = await workersHere(belayHome(env)).catch(() => []);
  return noted.find(({ host }) => host !== undefined)?.host ?? env.BELAY_HOST ?? hostName();
}

function worker(env: NodeJS.ProcessEnv, taskQueue: string, pollers: Poller[]): Check {
  if (pollers.length > 0) return ok('worker', `${taskQueue}: ${pollers.map(({ identity }) => identity).join(', ')}`);
  return bad('worker', `${taskQueue}: no worker polls this task queue`, hints(env).unpolled);
}
