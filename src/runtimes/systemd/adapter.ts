import { createHash } from 'node:crypto';
import { readText } from '../../hosts/file';
import { hostPaths } from '../../hosts/home';
import { jobUnit } from '../../hosts/job-units';
import { allKeptRevisions, keptFiles } from '../../hosts/kept-artifacts';
import type { Masker } from '../../hosts/secrets';
import { unitRecords } from '../../hosts/unit-records';
import { runtimeCapabilities } from '../../spec/runtimes';
import type { Runtime } from '../runtime';
import { ensureUser } from './accounts';
import { adoptionOf } from './adoption';
import { fileStore } from './artifacts/store';
import { journalField, systemFolder } from './drop-in';
import { createInstance, instanceVerbs, matchesOf } from './instances';
import { createJob } from './jobs/create';
import { observeJobs } from './jobs/observe';
import { jobVerbs } from './jobs/verbs';
import { labelledUnits, observeUnits } from './observe';
import { placeFiles } from './place';
import { inBoth } from './shared-parts';
import { refuseShutdown } from './shutdown';
import { unitSources } from './sources';
import { systemctlOf, usualPrograms } from './systemctl';
import type { SystemdTemplate } from './template';
import type { SystemdHost } from './units';
import type { Verbs } from './verbs';

export interface SystemdWorld {
  /** BELAY_HOME. */
  home: string;
  masker: Masker;
}

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
      const seen = await (query.jobs ? observeJobs : observeUnits)(host, query);
      // Units that end with the host have not failed.
      await enter();
      return seen;
    },
    async create({ instance, ...request }) {
      await enter();
      const asked = { ...request, template: request.template as SystemdTemplate };
      if (instance?.job) await createJob(host, { ...asked, instance, job: instance.job });
      else await createInstance(host, { ...asked, instance });
    },
    async start(name, signal) {
      await enter();
      await (await verbsOf(host, name)).start(host, name, signal).catch(async (error: unknown) => {
        signal?.throwIfAborted();
        await enter();
        throw error;
      });
    },
    async signal(name, signal) {
      await enter();
      await (await verbsOf(host, name)).signal(host, name, signal);
    },
    async remove(name) {
      await enter();
      await (await verbsOf(host, name)).remove(host, name);
    },
    async ended(name, signal) {
      await enter();
      await (await verbsOf(host, name)).ended(host, name, signal);
    },
    async logTail(name, lines) {
      await enter();
      return await (await verbsOf(host, name)).logTail(host, name, lines);
    },
    async logSinceStart(name, lines) {
      await enter();
      return await (await verbsOf(host, name)).logSinceStart(host, name, lines);
    },
    logCommand: (name) => ['journalctl', ...linesOf(name)].join(' '),
    async logProgram(name, from) {
      await enter();
      return [
        ...['journalctl', '--follow', '--output=cat', '--quiet'],
        ...('since' in from ? [`--since=@${from.since.getTime() / 1000}`] : [`--lines=${from.lines}`]),
        ...(await matchesOf(host, name)),
      ];
    },
    async lastExit(name) {
      await enter();
      return await (await verbsOf(host, name)).lastExit(host, name);
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

/** The machine's own id, hashed: its manual asks not to show it. */
async function machineId(): Promise<string> {
  const id = await readText('/etc/machine-id');
  return `systemd-${createHash('sha256').update(`belay ${id}`).digest('hex').slice(0, 24)}`;
}

const verbsOf = async (host: SystemdHost, name: string): Promise<Verbs> =>
  (await jobUnit(host, name)) ? jobVerbs : instanceVerbs;

const readTemplate: Runtime['read'] = (template) => {
  const { environment, found, unit } = template as SystemdTemplate;
  const ports = found?.ports ?? {};
  return { ports, published: Object.values(ports), environment, project: unit, marks: {} };
};

async function foldersOf({ home }: SystemdHost): Promise<string[]> {
  const kept = await Promise.all((await allKeptRevisions({ home })).map((key) => keptFiles({ home }, key)));
  return [hostPaths(home).artifacts, systemFolder, ...new Set(kept.flatMap((one) => one?.placed ?? []))];
}

/** Selects an instance in the journal. */
const linesOf = (name: string): string[] => (name.endsWith('.service') ? ['-u', name] : [`${journalField}=${name}`]);
