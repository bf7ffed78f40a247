import { access, constants } from 'node:fs/promises';
import { engineFinding, isAtLeast } from '../../checks/engine';
import { dockerEndpoint } from '../../docker-endpoint';
import { nearestFolder } from '../../hosts/file';
import { belayHome } from '../../hosts/home';
import { writing } from '../../hosts/on-disk';
import { runProgram } from '../../run-program';
import { dockerClient } from '../../runtimes/docker/client';
import { compose } from '../../runtimes/docker/compose/compose-command';
import { ask } from '../../runtimes/docker/errors';
import { bad, type Check, check, checkOf, ok, warn } from './check';
import { examineDisk } from './disk';

const leastCompose = [2, 20];
const within = 10_000;

interface MachineLookup {
  env: NodeJS.ProcessEnv;
  folder: string;
  /** True if Docker runs any service. */
  usesDocker: boolean;
}

/** Checks the needs of every project on this machine. */
export async function examineMachine({ env, folder, usesDocker }: MachineLookup): Promise<Check[]> {
  const home = belayHome(env);
  const all = await Promise.all([
    ...(usesDocker ? [check('engine', engine), check('compose', () => composePlugin(folder))] : []),
    check('flock', flock),
    check('ledger', () => ledger(home)),
    check('disk', () => examineDisk(home)),
  ]);
  return all.flat();
}

async function engine(): Promise<Check> {
  const { host, by, isUsual } = dockerEndpoint();
  const client = dockerClient();
  const { Version, ApiVersion } = await ask(() => client.version(), { within });
  const found = engineFinding({ name: `Docker Engine ${Version}`, api: ApiVersion });
  const where = found.state === 'ok' && !isUsual ? ` at ${host}, as ${by} says` : '';
  return checkOf({ ...found, text: `${found.text}${where}` });
}

async function composePlugin(folder: string): Promise<Check> {
  const { output } = await compose({ folder, file: 'compose', args: ['version', '--short'] });
  const version = output.trim().replace(/^v/, '');
  if (isAtLeast(version, leastCompose)) return ok('compose', `Docker Compose ${version}`);
  return bad(
    'compose',
    `Docker Compose ${version} is too old`,
    `install ${leastCompose.join('.')} or later: https://docs.docker.com/compose/install/linux/`,
  );
}

async function flock(): Promise<Check> {
  const { code, output } = await runProgram({ command: 'flock', args: ['--version'], timeout: 5_000 });
  if (code === 0) return ok('flock', output.trim());
  return warn(
    'flock',
    'the command flock is not on this machine: a worker that waits for a lock looks for it 20 times a second',
    'apt-get install util-linux (or dnf install util-linux-core, apk add flock)',
  );
}

/** The first release creates the folder; until then its nearest parent has to be writable. */
async function ledger(home: string): Promise<Check> {
  const there = await nearestFolder(home);
  await writing(home, () => access(there, constants.R_OK | constants.W_OK | constants.X_OK));
  return ok('ledger', there === home ? home : `${home}, made by the first release`);
}
