import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTemporal, waitFor } from '../testbed';
import { bootMachine, type Machine } from '../testbed/systemd/machine';
import { type MachineWorker, startMachineWorker } from '../testbed/systemd/worker';
import { measureWay, type Run } from './unit-load';
import { ports, type proxies, startProxies } from './unit-proxies';
import { program, unit } from './unit-service';
import { belayWay, graceful, install, scriptWay, type Way } from './unit-ways';

/** The runs of each scene by the way, script or Belay. */
export type UnitFigures = Record<string, Record<string, Run[]>>;

interface Host {
  machine: Machine;
  worker: MachineWorker;
}

const rounds = 3;

/** Measures a shell script of `systemctl restart` and Belay in turns, under the same load on one machine. */
export const measureUnits = (): Promise<UnitFigures> => onHost(scenes);

/** Measures both behind nginx, where what the script leaves behind lasts for half a minute. */
export const measureUnitsBehindNginx = (): Promise<UnitFigures> => onHost(scenesBehindNginx);

async function onHost(scenesOf: (host: Host) => Record<string, Way[]>): Promise<UnitFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-units-'));
  const ends: Array<() => unknown> = [() => rmSync(dir, { recursive: true, force: true })];
  try {
    const temporal = await startTemporal({ dir });
    ends.push(temporal.stop);
    const machine = await bootMachine({ name: 'web-1' });
    ends.push(machine.close);
    const files = { 'web-1': program('1'), 'web-2': program('2') };
    const worker = await startMachineWorker(machine, { temporal: Number(temporal.address.split(':')[1]), files });
    await writeUnits(machine);
    await startProxies(machine);
    const figures: UnitFigures = {};
    for (const [scene, ways] of Object.entries(scenesOf({ machine, worker })))
      figures[scene] = await play(machine, ways);
    return figures;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function writeUnits(machine: Machine): Promise<void> {
  const write = (name: string, port: string) => machine.write(`/etc/systemd/system/${name}`, unit({ port, install }));
  await write('script.service', `${ports.script.alone}`);
  await write('script@.service', '801%i');
  await machine.exec('systemctl', ['daemon-reload']);
}

function scenes(host: Host): Record<string, Way[]> {
  const { script, belay } = ports;
  const inPlace = { strategy: { kind: 'in-place' } };
  const one = { platform: 'alone', port: belay.alone, listens: belay.alone, service: inPlace };
  const held = {
    platform: 'held',
    port: belay.held,
    listens: belay.behindHeld,
    service: { ...inPlace, ...route('haproxy', 'belay-held', belay.behindHeld) },
  };
  const rolling = {
    platform: 'rolling',
    port: belay.haproxy,
    listens: belay.instances,
    service: route('haproxy', 'belay-rolling', belay.instances[0]),
  };
  return {
    'one unit': [oneUnit(host, script.alone), belayWay(host.worker, one)],
    'one unit, requests held by HAProxy': [oneUnit(host, script.held), belayWay(host.worker, held)],
    'two instances behind HAProxy': [oneByOne(host, script.haproxy), belayWay(host.worker, rolling)],
  };
}

function scenesBehindNginx(host: Host): Record<string, Way[]> {
  const { script, belay } = ports;
  const rolling = {
    platform: 'rolling',
    port: belay.nginx,
    listens: belay.behindNginx,
    service: route('nginx', 'belay', belay.behindNginx[0]),
  };
  return { 'two instances behind nginx': [oneByOne(host, script.nginx), belayWay(host.worker, rolling)] };
}

const route = (proxy: keyof typeof proxies, backend: string, port: number) => ({
  routes: [{ proxy, backend, port }],
  drain: { deadline: '30s' },
});

const oneUnit = ({ machine }: Host, port: number): Way =>
  scriptWay(machine, { port, units: ['script'], restart: graceful('script', ports.script.alone) });

const oneByOne = ({ machine }: Host, port: number): Way =>
  scriptWay(machine, {
    port,
    units: ['script@0', 'script@1'],
    restart: ['systemctl restart script@1', 'sleep 10', 'systemctl restart script@0'],
  });

async function play(machine: Machine, ways: Way[]): Promise<Record<string, Run[]>> {
  const runs = Object.fromEntries(ways.map(({ name }) => [name, [] as Run[]]));
  for (const way of ways) {
    await way.prepare();
    await answers(`http://${machine.ip()}:${way.port}/health`);
  }
  for (let round = 1; round <= rounds; round += 1)
    for (const way of ways) runs[way.name]!.push(await measureWay(machine.ip(), way));
  return runs;
}

const answers = (url: string): Promise<void> => waitFor({ what: url, until: async () => (await fetch(url)).ok });
