import { BelayError } from '../../errors';
import { unitRecord, writeUnitRecord } from '../../hosts/unit-records';
import type { InstanceRequest } from '../runtime';
import { journalField } from './drop-in';
import { exitCodeOf } from './ends';
import { placeFiles } from './place';
import { startInstance } from './start';
import { endOfInstance, removeInstance, signalInstance } from './stop';
import { isSameIdentity, type SystemdTemplate, unitOf } from './template';
import { type SystemdHost, seatAt, showUnit } from './units';
import type { Verbs } from './verbs';

/** An instance by its record, whose place is a unit. */
export const instanceVerbs: Verbs = {
  start: startInstance,
  signal: signalInstance,
  remove: removeInstance,
  ended: endOfInstance,
  logTail: logOf,
  logSinceStart: logOfRun,
  async lastExit(host, name) {
    const record = await unitRecord(host, name);
    return record && (await exitCodeOf(host, record, await seatAt(host, record.unit)));
  },
};

interface Creation {
  name: string;
  template: SystemdTemplate;
  instance?: InstanceRequest;
}

/** Writes the record of an instance, and places its files. Its unit is not touched. */
export async function createInstance(host: SystemdHost, { name, template, instance }: Creation): Promise<void> {
  const found = await unitRecord(host, name);
  if (found && !isSameIdentity(found.identity, instance?.identity))
    throw new BelayError('launch-failed', `${name} exists on this host, and is not this instance`, {
      hint: 'belay ps shows it; belay drop removes what a platform has left',
    });
  if (template.files) await placeFiles(host, template.files);
  if (found) return;
  const ports = instance?.ports ?? template.found?.ports ?? {};
  const identity = instance && { identity: instance.identity };
  await writeUnitRecord(host, { name, unit: unitOf(template, instance), ...identity, ports, template });
}

/** The lines of its processes; what systemd says of the unit is left out. */
async function logOf(host: SystemdHost, name: string, lines: number): Promise<string> {
  if (!(await unitRecord(host, name))) return '';
  const text = await host.ctl.journal(['-n', String(lines), '-o', 'cat', ...(await matchesOf(host, name))]);
  return text.trimEnd();
}

/** Selects the lines of its processes in the journal. A reload leaves a running process its former name there. */
export async function matchesOf(host: SystemdHost, name: string): Promise<string[]> {
  const record = await unitRecord(host, name);
  const { unit, identity, reloaded } = record ?? { unit: name };
  const own = identity && reloaded === undefined ? [`${journalField}=${name}`] : [];
  return [...own, `_SYSTEMD_UNIT=${unit}`];
}

/** The lines of its unit's latest run. */
async function logOfRun(host: SystemdHost, name: string, lines: number): Promise<string> {
  const unit = (await unitRecord(host, name))?.unit ?? name;
  const { run } = await showUnit(host, unit);
  if (run === '') return '';
  const matches = [`_SYSTEMD_UNIT=${unit}`, `_SYSTEMD_INVOCATION_ID=${run}`];
  return (await host.ctl.journal(['-n', String(lines), '-o', 'cat', ...matches])).trimEnd();
}
