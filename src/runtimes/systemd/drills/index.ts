import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { BelayError } from '../../../errors';
import { drillUnit, drillUnits } from '../../../hosts/drill-units';
import { neverStarted } from '../../../model/observed';
import { signalNumber } from '../../../signals';
import type { DrilledInstance, Drills } from '../../drills';
import type { SystemdWorld } from '../adapter';
import { awaitEnd } from '../await-end';
import { jobUnitOf } from '../jobs/places';
import { refuseShutdown } from '../shutdown';
import { systemctlOf, usualPrograms } from '../systemctl';
import { type SystemdHost, showUnit } from '../units';
import { createDrill } from './create';
import { takeDown } from './remove';
import { send } from './send';
import { footprintOf, isUp, stopFacts } from './state';

/** Milliseconds between looks at a unit that stops. */
const every = 50;

/** Instances of drills in units of their own, which stop as the unit of their service. */
export function systemdDrills({ home }: Pick<SystemdWorld, 'home'>, programs = usualPrograms): Drills {
  const host: SystemdHost = { home, ctl: systemctlOf(programs) };
  return {
    create: (request) => createDrill(host, request),
    start: async (name) => void (await host.ctl.ask(['start', '--no-block', '--', jobUnitOf(name)])),
    look: (name) => look(host, name),
    stop: async (name) => void (await host.ctl.ask(['stop', '--no-block', '--', jobUnitOf(name)])),
    signal: (name, which) => signal(host, name, which),
    ended: (name, abort) => ended(host, name, abort),
    footprint: (name) => footprintOf(host, name),
    logTail: (name, lines) => logOf(host, name, { lines }),
    logSinceStart: (name, lines) => logOf(host, name, { lines, isLatest: true }),
    async sweep(owner) {
      const left: string[] = [];
      for (const record of await drillUnits(host))
        if (record.owner === owner) left.push(...(await takeDown(host, record)));
      return left;
    },
  };
}

async function look(host: SystemdHost, name: string): Promise<DrilledInstance | undefined> {
  const record = await drillUnit(host, name);
  if (!record) return undefined;
  const [state, { killsAfter, orphans }] = await Promise.all([showUnit(host, jobUnitOf(name)), stopFacts(host, name)]);
  const { active, run, pid, exitCode, startedAt, restarts, killSignal, result } = state;
  const { ports } = record;
  const isRunning = isUp(state);
  // Units that end with the host have not been stopped by the drill.
  if (!isRunning) await refuseShutdown(host.ctl);
  return {
    instance: {
      name,
      revision: 0,
      fingerprint: '',
      state: isRunning ? 'running' : run === '' ? 'created' : 'exited',
      ...(!isRunning && run !== '' && { exitCode }),
      restarts,
      startedAt: startedAt || neverStarted,
      health: 'none',
      ports,
      published: Object.values(ports),
      stopSignal: killSignal,
    },
    network: 'host',
    ...(isRunning && pid !== 0 && { pid }),
    ...(isRunning && (state.isQueued || active === 'activating') && { starting: true as const }),
    ...(killsAfter !== undefined && { killsAfter }),
    ...(orphans && { orphans }),
    ...(!isRunning && result === 'timeout' && { killed: true as const }),
  };
}

/** The extra signals of a drill go to the main process alone, and not by the unit's stop. */
async function signal(host: SystemdHost, name: string, which: string): Promise<void> {
  const unit = jobUnitOf(name);
  const number = signalNumber(which);
  if (number === undefined) throw new BelayError('launch-failed', `${name}: ${which} is no signal`);
  if (number === constants.signals.SIGKILL) {
    const { code, why } = await host.ctl.attempt(['kill', '--signal=SIGKILL', '--', unit]);
    if (code !== 0 && isUp(await showUnit(host, unit)))
      throw new BelayError('launch-failed', `${name}: ${unit} takes no signal: ${why}`);
  } else {
    const { pid } = await showUnit(host, unit);
    if (pid !== 0) send(pid, number);
  }
}

/** Once systemd has ended the whole unit, with what it waits for beside the main process. */
async function ended(host: SystemdHost, name: string, abort: AbortSignal): Promise<void> {
  const unit = async () => {
    const state = await showUnit(host, jobUnitOf(name));
    return isUp(state) ? state : undefined;
  };
  await awaitEnd(unit, abort);
  while (await unit()) await sleep(every, undefined, { signal: abort }).catch(() => abort.throwIfAborted());
}

async function logOf(
  host: SystemdHost,
  name: string,
  { lines, isLatest = false }: { lines: number; isLatest?: boolean },
): Promise<string> {
  const record = await drillUnit(host, name);
  if (!record) return '';
  const unit = jobUnitOf(name);
  const { run, active } = await showUnit(host, unit);
  // The journal may still have to read what the program has said last.
  if (['inactive', 'failed'].includes(active)) await host.ctl.journal(['--sync']).catch(() => '');
  const since = `--since=@${(Date.parse(record.createdAt) / 1000).toFixed(3)}`;
  const matches = [`_SYSTEMD_UNIT=${unit}`, ...(isLatest && run !== '' ? [`_SYSTEMD_INVOCATION_ID=${run}`] : [])];
  return (await host.ctl.journal(['-n', String(lines), '-o', 'cat', since, ...matches])).trimEnd();
}
