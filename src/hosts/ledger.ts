import { join } from 'node:path';
import { BelayError } from '../errors';
import { listFolder, removeEmptyFolder, removeFile, removeFolder } from './file';
import { type HostPaths, hostPaths, type ServiceKey } from './home';
import { readJson, writeJson } from './json-file';
import {
  type Head,
  headFile,
  type NewRevision,
  type Revision,
  type RevisionConfiguration,
  type RevisionState,
  revisionFile,
  type StopResult,
} from './revision';

/** What a host knows of its services without Temporal. */
export interface Ledger {
  /** Names, sorted. */
  platforms(): Promise<string[]>;
  services(platform: string): Promise<string[]>;
  /** A fence token is a key too. */
  of(key: ServiceKey): ServiceLedger;
}

/**
 * The revisions of one service. Verbs that write seek a state and may be called again; they read and then write, so
 * call them inside an effect. Throws `ledger-damaged` once for each file that cannot be used, and sets it aside.
 */
export interface ServiceLedger {
  /** In ascending order. */
  revisions(): Promise<Revision[]>;
  revision(number: number): Promise<Revision | undefined>;
  /** One more than any number that was ever used. */
  nextNumber(): Promise<number>;
  /** The revision stands as pending. Throws `fence-stale` where another release has used the number. */
  writePending(revision: NewRevision): Promise<Revision>;
  /** Revision 0, what Compose started, stands as recorded; instances found by now are added to those found before. */
  adopt(revision: Omit<NewRevision, 'number'>): Promise<Revision>;
  configure(number: number, configuration: RevisionConfiguration): Promise<void>;
  removeConfiguration(number: number): Promise<void>;
  /** Nobody can go back to the revision any more: its configuration is gone, and how Compose had started it. */
  forget(number: number): Promise<void>;
  /** Revision 0 is no release's own and stays recorded. */
  setState(number: number, state: RevisionState, timings?: Revision['timings']): Promise<void>;
  /** Replaces an earlier result of the same instance. */
  recordResult(number: number, result: StopResult): Promise<void>;
  /** Files are gone that a process which was killed while it wrote them has left; they hold the environment too. */
  tidy(): Promise<void>;
  head(): Promise<number | undefined>;
  setHead(number: number | undefined): Promise<void>;
  /** Nothing of the service is in the ledger any more, its fence included: that goes last, so that a retry may go on. */
  remove(): Promise<void>;
}

/** The ledger of the host whose files are under `home`. Verbs that need a revision throw `revision-unknown` without it. */
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
    async revisions() {
      const numbers = (await store.fileNames()).flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number);
      const all = await Promise.all(numbers.sort((a, b) => a - b).map(read));
      return all.filter((one) => one !== undefined);
    },
    async nextNumber() {
      // Files that were set aside, or left by a crash, count too: their number may be on an instance.
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
    configure: (number, configuration) => change(number, (revision) => ({ ...revision, configuration })),
    removeConfiguration: async (number) => {
      if (await read(number)) await change(number, ({ configuration, ...rest }) => rest);
    },
    forget: async (number) => {
      if (await read(number)) await change(number, ({ configuration, snapshots, ...rest }) => rest);
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
  return {
    read,
    readHead,
    write,
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
    fileNames: () => listFolder(paths.revisions(key)),
    async change(number: number, edit: (revision: Revision) => Revision): Promise<void> {
      const revision = await read(number);
      if (!revision) throw unknown(key, number);
      await write(edit(revision));
    },
    changeHead: async (edit: (head: Head) => Head): Promise<void> => writeJson(paths.head(key), edit(await readHead())),
  };
}

const created = (revision: NewRevision, state: RevisionState): Revision => ({
  format: 1,
  ...revision,
  state,
  createdAt: now(),
  endedAt: state === 'pending' ? undefined : now(),
});

/** A state that stands already keeps its time. */
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
    hint: `see which ones there are: belay history -p ${platform}`,
  });
