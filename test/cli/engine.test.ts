import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { examineEngines } from '../../src/cli/doctor/engines';
import { engineSaid } from '../../src/cli/engine';
import { hostName } from '../../src/hosts/machine';
import { noteWorker, workersHere } from '../../src/hosts/workers';

const usual = 'unix:///var/run/docker.sock';
const rootless = 'unix:///run/user/1000/docker.sock';
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-engine-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A shell whose `docker` knows engines by where they are: `-H` counts before DOCKER_HOST. */
function shell(engines: Record<string, string>, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const bin = join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  const cases = Object.entries(engines).map(([place, id]) => `${place}) echo ${id};;`);
  const place = `place="\${DOCKER_HOST:-${usual}}"; [ "$1" = -H ] && place="$2"`;
  writeFileSync(join(bin, 'docker'), `#!/bin/sh\n${place}\ncase "$place" in ${cases.join(' ')} *) exit 1;; esac\n`);
  chmodSync(join(bin, 'docker'), 0o755);
  return { PATH: [bin, process.env.PATH].join(delimiter), HOME: home, BELAY_HOME: home, ...more };
}

const note = (engine?: string) => noteWorker(home, { address: 'a:1', namespace: 'default', specs: [], engine });

test('tells the engine of this shell, and by whom it is named', async () => {
  const env = shell({ [usual]: 'ONE', [rootless]: 'TWO' });
  expect(await engineSaid(env)).toEqual({
    engine: { id: 'ONE', at: usual, by: 'its usual socket', machine: hostName() },
  });
  expect(await engineSaid({ ...env, DOCKER_HOST: rootless })).toEqual({
    engine: { id: 'TWO', at: rootless, by: 'DOCKER_HOST', machine: hostName() },
  });
});

test('an engine of another machine is told without this one', async () => {
  const env = shell({ 'ssh://web-2': 'THREE' }, { DOCKER_HOST: 'ssh://web-2' });
  expect(await engineSaid(env)).toEqual({ engine: { id: 'THREE', at: 'ssh://web-2', by: 'DOCKER_HOST' } });
});

test('without an engine, or with a context that is gone, there is nothing to compare', async () => {
  expect(await engineSaid(shell({}))).toEqual({});
  expect(await engineSaid({ ...shell({}), PATH: join(home, 'nothing') })).toEqual({});
  expect(await engineSaid(shell({ [usual]: 'ONE' }, { DOCKER_CONTEXT: 'gone' }))).toEqual({});
});

test('nobody is asked where every worker of this machine has the same', async () => {
  await note(usual);
  expect(await engineSaid(shell({ [usual]: 'ONE' }))).toEqual({});
  await note(rootless);
  expect(await engineSaid(shell({ [usual]: 'ONE' }))).toMatchObject({ engine: { id: 'ONE' } });
});

test('a worker of before is told nothing that it does not know', async () => {
  await note();
  expect(await engineSaid(shell({ [usual]: 'ONE' }))).toEqual({});
});

test('an engine that a CI job builds its images with says nothing of where it releases', async () => {
  const place = 'tcp://docker.invalid:2375';
  expect(await engineSaid(shell({ [place]: 'FOUR' }, { DOCKER_HOST: place }))).toEqual({});
});

describe('doctor', () => {
  const examined = async (env: NodeJS.ProcessEnv) => await examineEngines(env, await workersHere(home));

  test('calls a worker on another engine bad, with both and the way out', async () => {
    await note(usual);
    expect(await examined(shell({ [usual]: 'ONE', [rootless]: 'TWO' }, { DOCKER_HOST: rootless }))).toEqual([
      {
        name: 'engine',
        state: 'bad',
        text: `process ${process.pid}, a worker, releases on the engine at ${usual}, and docker in this shell speaks to the one at ${rootless} (DOCKER_HOST)`,
        todo: [
          `to use the worker's engine, set DOCKER_HOST=${usual} in this shell; to use the shell's, start the worker with DOCKER_HOST=${rootless}`,
        ],
      },
    ]);
  });

  test('says nothing of the same engine, by one way or another, nor where none answers', async () => {
    await note('unix:///run/docker.sock');
    expect(await examined(shell({ [usual]: 'ONE', 'unix:///run/docker.sock': 'ONE' }))).toEqual([]);
    expect(await examined(shell({}))).toEqual([]);
  });

  test('says of an engine that is named here that a release goes by its worker, where none is known', async () => {
    const env = shell({ [rootless]: 'TWO' }, { DOCKER_HOST: rootless });
    expect(await examined(env)).toMatchObject([{ state: 'warn', todo: ['belay plan compares them'] }]);
    expect(await examined(shell({ [usual]: 'ONE' }))).toEqual([]);
  });
});
