import { type FileHandle, mkdir, mkdtemp, open, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { digestOfFile } from '../../src/hosts/digest';
import { hostPaths } from '../../src/hosts/home';
import { changeKeptFiles } from '../../src/hosts/kept-artifacts';
import { contentOf } from '../../src/runtimes/systemd/artifacts/get';
import { fileStore } from '../../src/runtimes/systemd/artifacts/store';
import { placeFiles } from '../../src/runtimes/systemd/place';
import { waitFor } from '../../testbed/wait';

/** The store of artifacts, in a folder of its own. */

let dir: string;
let home: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'belay-artifacts-'));
  home = join(dir, 'home');
});
afterEach(() => rm(dir, { recursive: true }));

const store = () => fileStore({ home, enter: async () => undefined });
const keyOf = (service: string, revision = 1) => ({ platform: 'shop', service, revision });

/** Serves a file whose end waits until it is let go. Its address is an artifact. */
async function slowServer(text: string) {
  await writeFile(join(dir, 'file'), text);
  const sha256 = await digestOfFile(join(dir, 'file'));
  let asked = 0;
  let letGo!: () => void;
  const gone = new Promise<void>((done) => {
    letGo = done;
  });
  const server = createServer(async (_request, answer) => {
    asked += 1;
    answer.write(text.slice(0, 1));
    await gone;
    answer.end(text.slice(1));
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const source = `http://127.0.0.1:${(server.address() as AddressInfo).port}/run`;
  return {
    artifact: { kind: 'file' as const, source, sha256, form: 'http' as const },
    asked: () => asked,
    letGo: () => letGo(),
    close: () => new Promise((done) => server.close(done)),
  };
}

test('services that want the same artifact at the same time get it once', async () => {
  const { artifact, asked, letGo, close } = await slowServer('the same');
  const first = store().fetch({ artifact, keep: keyOf('one') });
  await waitFor({ what: 'the first request', until: () => asked() > 0 });
  const others = [keyOf('two'), keyOf('three')].map((keep) => store().fetch({ artifact, keep }));
  letGo();
  await Promise.all([first, ...others]);
  expect(await readFile(contentOf(home, artifact), 'utf8')).toBe('the same');
  expect(asked()).toBe(1);
  expect(await readdir(join(home, 'artifacts', 'sha256'))).toEqual([artifact.sha256]);
  expect(await readdir(join(home, 'locks', 'artifacts'))).toEqual([]);
  await close();
});

test('a failure takes nothing from others, and leaves nothing', async () => {
  const { artifact, letGo, close } = await slowServer('good');
  const wrong = { ...artifact, source: join(dir, 'none'), form: undefined };
  const fetches = [wrong, artifact, wrong].map((one, index) =>
    store().fetch({ artifact: one, keep: keyOf(`s${index}`) }),
  );
  letGo();
  const ends = await Promise.allSettled(fetches);
  expect(ends[1]).toMatchObject({ status: 'fulfilled' });
  expect(ends[0]).toMatchObject({ status: 'rejected', reason: { code: 'image-unknown' } });
  expect(await readFile(contentOf(home, artifact), 'utf8')).toBe('good');
  expect(await readdir(join(home, 'artifacts', 'sha256'))).toEqual([artifact.sha256]);
  await close();
});

test('an artifact that another revision drops while it comes is there in the end', async () => {
  const { artifact, asked, letGo, close } = await slowServer('both');
  const coming = store().fetch({ artifact, keep: keyOf('one', 2) });
  await waitFor({ what: 'the request', until: () => asked() > 0 });
  await mkdir(hostPaths(home).artifact(artifact.sha256), { recursive: true });
  const kept = { sha256: artifact.sha256, bytes: 0, madeAt: 0, placed: [], links: [] };
  await changeKeptFiles({ home }, keyOf('other'), () => kept);
  await store().drop('shop/other:r1');
  letGo();
  await coming;
  expect(await readFile(contentOf(home, artifact), 'utf8')).toBe('both');
  await close();
});

test('what a cut-off try has left is overwritten', async () => {
  const { artifact, letGo, close } = await slowServer('whole');
  const coming = hostPaths(home).comingArtifact(artifact.sha256);
  await mkdir(coming, { recursive: true });
  await writeFile(join(coming, 'content'), 'tor');
  letGo();
  await store().fetch({ artifact, keep: keyOf('one') });
  expect(await readFile(contentOf(home, artifact), 'utf8')).toBe('whole');
  await close();
});

describe('a power failure', () => {
  let restore: () => void;
  afterEach(() => restore());

  /** Paths that are synced, below the test's folder. */
  async function watchSyncs(): Promise<Set<string>> {
    const handle = await open(dir, 'r');
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const { sync } = prototype;
    const synced = new Set<string>();
    restore = () => Object.assign(prototype, { sync });
    Object.assign(prototype, {
      async sync(this: FileHandle) {
        synced.add(relative(dir, await readlink(`/proc/self/fd/${this.fd}`)));
        await sync.call(this);
      },
    });
    return synced;
  }

  test('finds every file and folder of an artifact on the disk, before it has its name', async () => {
    await mkdir(join(dir, 'build', 'lib'), { recursive: true });
    await writeFile(join(dir, 'build', 'run'), 'run');
    await writeFile(join(dir, 'build', 'lib', 'part'), 'part');
    const synced = await watchSyncs();
    const { artifact } = await store().pin({ ref: `folder ${join(dir, 'build')}` });
    if (artifact.kind !== 'file') throw new Error('a folder is a file');
    await store().fetch({ artifact, keep: keyOf('web') });
    const files = { ...keyOf('web'), sha256: artifact.sha256, single: false, install: join(dir, 'opt', 'web') };
    await placeFiles({ home }, files);
    const inside = ['', '/run', '/lib', '/lib/part'];
    const coming = relative(dir, join(hostPaths(home).comingArtifact(artifact.sha256), 'content'));
    const placed = 'opt/.belay/shop.web';
    for (const path of inside) {
      expect(synced).toContain(`${coming}${path}`);
      expect(synced).toContain(`${placed}/r1.tmp${path}`);
    }
    const kept = relative(dir, hostPaths(home).artifact(artifact.sha256));
    for (const folder of [kept, placed]) expect(synced).toContain(folder);
  });
});
