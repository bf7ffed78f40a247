import { createHash } from 'node:crypto';
import { BelayError } from '../../errors';
import { readText } from '../../hosts/file';
import { hostPaths } from '../../hosts/home';
import { allKeptRevisions, keptFiles } from '../../hosts/kept-artifacts';
import type { Masker } from '../../hosts/secrets';
import { unitRecord, unitRecords, writeUnitRecord } from '../../hosts/unit-records';
import { runtimeCapabilities } from '../../spec/runtimes';
import type { InstanceRequest, Runtime, Template } from '../runtime';
import { ensureUser } from './accounts';
import { adoptionOf } from './adoption';
import { fileStore } from './artifacts/store';
import { journalField, systemFolder } from './drop-in';
import { exitCodeOf } from './ends';
import { labelledUnits, observeUnits } from './observe';
import { placeFiles } from './place';
import { inBoth } from './shared-parts';
import { unitSources } from './sources';
import { startInstance } from './start';
import { endOfInstance, removeInstance, signalInstance } from './stop';
import { type Programs, type Systemctl, systemctlOf } from './systemctl';
import { isSameIdentity, type SystemdTemplate, unitOf } from './template';
import { type SystemdHost, seatAt } from './units';

export interface SystemdWorld {
  /** BELAY_HOME. */
  home: string;
  masker: Masker;
}

const usualPrograms: Programs = { systemctl: 'systemctl', journalctl: 'journalctl' };

/** systemd as a runtime: an instance is a record, and a unit is its place. */
export function systemdAdapter({ home, masker }: SystemdWorld, programs = usualPrograms): Runtime {
  const host: SystemdHost = { home, ctl: systemctlOf(programs) };
  const enter = () => refuseShutdown(host.ctl);
  return {
    kind: 'systemd',
    capabilities: runtimeCapabilities('systemd'),
    async identity() {
      await enter();
      return await machineId();
    },
    async observe(query) {
      const seen = await observeUnits(host, query);
      // Units that end with the host have not failed.
      await enter();
      return seen;
    },
    async create(request) {
      await enter();
      await createInstance(host, request);
    },
    async start(name, signal) {
      await enter();
      await startInstance(host, name, signal).catch(async (error: unknown) => {
        signal?.throwIfAborted();
        await enter();
        throw error;
      });
    },
    async signal(name, signal) {
      await enter();
      await signalInstance(host, name, signal);
    },
    async remove(name) {
      await enter();
      await removeInstance(host, name);
    },
    async ended(name, signal) {
      await enter();
      await endOfInstance(host, name, signal);
    },
    async logTail(name, lines) {
      await enter();
      return await logOf(host, name, lines);
    },
    logCommand: (name) => (name.endsWith('.service') ? `journalctl -u ${name}` : `journalctl ${journalField}=${name}`),
    async lastExit(name) {
      await enter();
      const record = await unitRecord(host, name);
      return record && (await exitCodeOf(host, record, await seatAt(host, record.unit)));
    },
    async networkOf() {
      await enter();
      return undefined;
    },
    async labelled() {
      await enter();
      return await labelledUnits(host);
    },
    async publishedPorts() {
      await enter();
      const ports = (await unitRecords(host)).flatMap((one) => Object.values(one.ports));
      return [...new Set(ports)].sort((a, b) => a - b);
    },
    folders: () => foldersOf(host),
    read: readTemplate,
    artifacts: fileStore({ home, enter }),
    sources: unitSources({ ...host, masker }),
    async ensure({ create, resources }) {
      await enter();
      const { user } = resources as { user?: string };
      const { files } = create as SystemdTemplate;
      if (user !== undefined) await ensureUser(user);
      if (files) await placeFiles(host, files);
    },
    inBoth,
    adoption: adoptionOf(host),
  };
}

/** Throws `engine-unreachable` without systemd, and while the host shuts down: it goes on after the boot. */
async function refuseShutdown(ctl: Systemctl): Promise<void> {
  const state = (await ctl.ask(['show', '--value', '-p', 'SystemState'])).trim();
  if (state === 'stopping') throw new BelayError('engine-unreachable', 'this host is shutting down');
}

/** The machine's own id, hashed: its manual asks not to show it. */
async function machineId(): Promise<string> {
  const id = await readText('/etc/machine-id');
  return `systemd-${createHash('sha256').update(`belay ${id}`).digest('hex').slice(0, 24)}`;
}

interface CreateRequest {
  name: string;
  template: Template;
  instance?: InstanceRequest;
}

/** Writes the record of an instance, and places its files. Its unit is not touched. */
async function createInstance(host: SystemdHost, { name, template, instance }: CreateRequest): Promise<void> {
  const own = template as SystemdTemplate;
  const found = await unitRecord(host, name);
  if (found && !isSameIdentity(found.identity, instance?.identity))
    throw new BelayError('launch-failed', `${name} exists on this host, and is not this instance`, {
      hint: 'belay ps shows it; belay drop removes what a platform has left',
    });
  if (own.files) await placeFiles(host, own.files);
  if (found) return;
  const ports = instance?.ports ?? own.found?.ports ?? {};
  const identity = instance && { identity: instance.identity };
  await writeUnitRecord(host, { name, unit: unitOf(own, instance), ...identity, ports, template });
}

/** The lines of its processes; what systemd says of the unit is left out. */
async function logOf(host: SystemdHost, name: string, lines: number): Promise<string> {
  const record = await unitRecord(host, name);
  if (!record) return '';
  const { unit, identity, reloaded } = record;
  const own = identity && reloaded === undefined ? [`${journalField}=${name}`] : [];
  const text = await host.ctl.journal(['-n', String(lines), '-o', 'cat', ...own, `_SYSTEMD_UNIT=${unit}`]);
  return text.trimEnd();
}

const readTemplate: Runtime['read'] = (template) => {
  const { environment, found, unit } = template as SystemdTemplate;
  const ports = found?.ports ?? {};
  return { ports, published: Object.values(ports), environment, project: unit, marks: {} };
};

async function foldersOf({ home }: SystemdHost): Promise<string[]> {
  const kept = await Promise.all((await allKeptRevisions({ home })).map((key) => keptFiles({ home }, key)));
  return [hostPaths(home).artifacts, systemFolder, ...new Set(kept.flatMap((one) => one?.placed ?? []))];
}
