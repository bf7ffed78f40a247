import { join } from 'node:path';
import { BelayError } from '../errors';
import { listFolder, removeEmptyFolder, removeFile, removeFolder } from './file';
import { type HostPaths, hostPaths, type ServiceKey } from './home';
import { readJson, writeJson } from './json-file';
import { keepFiles, sweepFiles } from './own-files';
import {
  type Head,
  headFile,
  type JobRun,
  type NewRevision,
  type Revision,
  type RevisionConfiguration,
  type RevisionState,
  revisionFile,
  type StopResult,
} from './revision';

/** The host's own knowledge of its services, without Temporal. */
export interface Ledger {
  /** Names of platforms, sorted. */
  platforms(): Promise<string[]>;
  services(platform: string): Promise<string[]>;
  /** Files of one service; a fence token is a key too. */
  of(key: ServiceKey): ServiceLedger;
}

/**
 * Revisions of one service. Verbs that write seek a state and may be repeated. They read and then write, so call them
 * inside an effect. Throws `ledger-damaged` once for each unusable file, and sets it aside.
 */
export interface ServiceLedger {
  /** Returns all revisions in ascending order. */
  revisions(): Promise<Revision[]>;
  revision(number: number): Promise<Revision | undefined>;
  /** Returns one more than any number that was ever used. */
  nextNumber(): Promise<number>;
  /** Ensures a pending revision. Throws `fence-stale` if another release has used the number. */
  writePending(revision: NewRevision): Promise<Revision>;
  /** Ensures that revision 0, as Compose started it, is recorded; newly found instances are added to earlier ones. */
  adopt(revision: Omit<NewRevision, 'number'>): Promise<Revision>;
  configure(number: number, configuration: RevisionConfiguration): Promise<void>;
  removeConfiguration(number: number): Promise<void>;
  /** Removes the revision's configuration and snapshots, so that no rollback can reach it any more. */
  forget(number: number): Promise<void>;
  /** Sets the state; revision 0 belongs to no release and stays recorded. */
  setState(number: number, state: RevisionState, timings?: Revision['timings']): Promise<void>;
  /** Replaces an earlier result of the same instance. */
  recordResult(number: number, result: StopResult): Promise<void>;
  /** Notes the latest run of a job, in place of an earlier one of the same instance name. */
  recordJob(number: number, run: JobRun): Promise<void>;
  /** Removes files of a process that was killed while it wrote them; they hold environment values too. */
  tidy(): Promise<void>;
  head(): Promise<number | undefined>;
  setHead(number: number | undefined): Promise<void>;
  /** Removes the service from the ledger; the fence goes last, so that a retry may go on. */
  remove(): Promise<void>;
}

/**
 * Opens the ledger of the host whose files are under `home`. Verbs that need a revision throw `revision-unknown`
 * without it.
 */
export function createLedger({ home }: { home: string }): Ledger {
  const paths = hostPaths(home);
  return {
    platforms: () => listFolder(paths.platforms),
    services: (platform) => listFolder(paths.services(platform)),
    of: ({ platform, service }) => createServiceLedger(paths, { platform, service }),
  };
}

function createServiceLedger(paths: HostPaths, key: ServiceKey): ServiceLedger {
  const store = createStore(paths, key);
  const { read, write, change } = store;
  return {
    revision: read,
    revisions: store.revisions,
    async nextNumber() {
      // Files set aside or left by a crash count too: an instance may carry their number.
      const used = (await store.fileNames()).map((name) => Number.parseInt(name, 10)).filter(Number.isInteger);
      return 1 + Math.max(0, ...used);
    },
    async writePending(revision) {
      const there = await read(revision.number);
      if (there && there.release !== revision.release && there.number !== 0) throw usedByAnother(key, there);
      return there ?? write(created(revision, 'pending'));
    },
    async adopt(revision) {
      const there = await read(0);
      const snapshots = { ...there?.snapshots, ...revision.snapshots };
      return write({ ...(there ?? created({ ...revision, number: 0 }, 'recorded')), snapshots });
    },
    configure: async (number, configuration) => {
      await store.keepFiles(configuration);
      await change(number, (revision) => ({ ...revision, configuration }));
    },
    removeConfiguration: async (number) => {
      if (await read(number)) await change(number, ({ configuration, ...rest }) => rest);
      await store.sweepFiles();
    },
    forget: async (number) => {
      if (await read(number)) await change(number, ({ configuration, snapshots, ...rest }) => rest);
      await store.sweepFiles();
    },
    setState: (number, state, timings) =>
      change(number, (revision) => ({
        ...ended(revision, number === 0 ? 'recorded' : state),
        timings: timings ?? revision.timings,
      })),
    recordResult: (number, result) =>
      change(number, (revision) => ({
        ...revision,
        results: [...(revision.results ?? []).filter((one) => one.instance !== result.instance), result],
      })),
    recordJob: (number, run) =>
      change(number, (revision) => ({
        ...revision,
        jobs: [...(revision.jobs ?? []).filter((one) => one.instance !== run.instance), run],
      })),
    tidy: store.tidy,
    head: async () => (await store.readHead()).head,
    setHead: (number) => store.changeHead((head) => ({ ...head, head: number })),
    remove: store.remove,
  };
}

/** The files of one service. */
function createStore(paths: HostPaths, key: ServiceKey) {
  const read = (number: number) => readJson(paths.revision(key, number), revisionFile);
  const readHead = async (): Promise<Head> => (await readJson(paths.head(key), headFile)) ?? { format: 1 };
  async function write(revision: Revision): Promise<Revision> {
    await writeJson(paths.revision(key, revision.number), revision);
    return revision;
  }
  const fileNames = () => listFolder(paths.revisions(key));
  async function revisions(): Promise<Revision[]> {
    const numbers = (await fileNames()).flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number);
    const all = await Promise.all(numbers.sort((a, b) => a - b).map(read));
    return all.filter((one) => one !== undefined);
  }
  return {
    read,
    readHead,
    write,
    revisions,
    fileNames,
    keepFiles: ({ files = [] }: RevisionConfiguration): Promise<void> => keepFiles(paths, key, files),
    /** Copies that no revision needs any more. */
    async sweepFiles(): Promise<void> {
      const needed = (await revisions()).flatMap(({ configuration }) => configuration?.files ?? []);
      await sweepFiles(paths, key, needed);
    },
    async tidy(): Promise<void> {
      const folder = paths.revisions(key);
      const left = (await listFolder(folder)).filter((name) => name.endsWith('.tmp'));
      await Promise.all(left.map((name) => removeFile(join(folder, name))));
    },
    async remove(): Promise<void> {
      const [folder, fence] = [paths.service(key), paths.fence(key)];
      const others = (await listFolder(folder)).map((name) => join(folder, name)).filter((path) => path !== fence);
      await Promise.all(others.map(removeFolder));
      await removeFile(fence);
      await removeEmptyFolder(folder);
      await removeEmptyFolder(paths.services(key.platform));
    },
    async change(number: number, edit: (revision: Revision) => Revision): Promise<void> {
      const revision = await read(number);
      if (!revision) throw unknown(key, number);
      await write(edit(revision));
    },
    changeHead: async (edit: (head: Head) => Head): Promise<void> => writeJson(paths.head(key), edit(await readHead())),
  };
}

const created = (revision: NewRevision, state: RevisionState): Revision => ({
  format: 2,
  ...revision,
  state,
  createdAt: now(),
  endedAt: state === 'pending' ? undefined : now(),
});

/** A state that is already set keeps its time. */
function ended(revision: Revision, state: RevisionState): Revision {
  if (revision.state === state) return revision;
  return { ...revision, state, endedAt: state === 'pending' ? undefined : now() };
}

const now = (): string => new Date().toISOString();

const usedByAnother = ({ platform, service }: ServiceKey, { number, release }: Revision) =>
  new BelayError(
    'fence-stale',
    `${platform}/${service}: revision ${number} belongs to ${release}; the plan is out of date`,
    {
      hint: 'start again: the new plan takes the next number',
    },
  );

const unknown = ({ platform, service }: ServiceKey, number: number) =>
  new BelayError('revision-unknown', `${platform}/${service}: the ledger has no revision ${number}`, {
    hint: `list them: belay history -p ${platform}`,
  });
