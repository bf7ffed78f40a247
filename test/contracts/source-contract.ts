import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  commitRestore,
  forgetRestore,
  keepPresent,
  type Manifest,
  prepareRestore,
  undoRestore,
  verifyBackup,
} from '../../src/backups';
import { planted } from '../../testbed/databases';
import { never, onlyBackups, type Site, textsIn } from '../backups/site';

export interface SourceHarness {
  site: Site;
  /** A word for the live data as it is. */
  state(): Promise<string>;
  /** All that stands beside the live data; empty for nothing. */
  beside?(): Promise<string>;
  /** Loses all of the live data. */
  lose(): Promise<void>;
  /** Stops and starts the live one, if it restores while it is stopped. */
  stop?(): Promise<void>;
  start?(): Promise<void>;
  /** A question, and the first value of its answer. */
  question?: { query: string; first: string };
}

/** The promises of a kind of thing to back up, and more tests of the same site. */
export function sourceContract(kind: string, open: () => Promise<SourceHarness>, more?: () => void): void {
  describe(`a source (${kind})`, () => {
    let harness: SourceHarness;
    let site: Site;
    let recipients: string[];
    let identity: string;
    let whole: string;

    beforeAll(async () => {
      harness = await open();
      site = harness.site;
      identity = join(site.folder, 'identity');
      execFileSync('age-keygen', ['-o', identity], { stdio: 'pipe' });
      recipients = [execFileSync('age-keygen', ['-y', identity]).toString().trim()];
      whole = await harness.state();
    });
    afterAll(() => harness?.site.close());

    const fileOf = ({ file }: Manifest) => join(site.row, file);

    test('makes a backup of one file and its manifest, for one identity alone', async () => {
      const processes: string[] = [];
      const onBytes = () => {
        if (processes.length === 0) processes.push(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }));
      };
      const manifest = await site.make({ recipients, onBytes });
      expect(manifest).toMatchObject({ kind, recipients, file: expect.stringMatching(/^\w+(\.\w+)+\.age$/) });
      expect(await onlyBackups(site)).toEqual([manifest]);
      expect(readFileSync(fileOf(manifest)).subarray(0, 21).toString()).toBe('age-encryption.org/v1');
      expect(processes.join()).toContain('age --recipient');
      expect(processes.join()).not.toContain(planted);
      expect(textsIn(site.folder)).not.toContain(planted);
    });

    test('is verified in a scratch instance, which is gone afterwards', async () => {
      const [manifest] = (await onlyBackups(site)).slice(-1);
      const asked = { ...site, manifest: manifest!, identity, signal: never, query: harness.question?.query };
      const { verified } = await verifyBackup(asked);
      expect(verified).toMatchObject({ rows: expect.any(Number), seconds: expect.any(Number) });
      if (harness.question) expect(verified?.first).toBe(harness.question.first);
      // A manifest is open, and the value is not.
      const { first: _, ...noted } = verified!;
      expect((await onlyBackups(site)).at(-1)?.verified).toStrictEqual(noted);
      expect(await site.containers.labelled({ 'belay.scratch': `${site.key.platform}/db` })).toEqual([]);
      expect(await harness.state()).toBe(whole);
    });

    test('is restored over what there is, and the restore is undone', async () => {
      const [manifest] = (await onlyBackups(site)).slice(-1);
      await harness.lose();
      const lost = await harness.state();
      const request = { ...site, identity, signal: never };
      const prepared = await prepareRestore({ ...request, id: 'r1', manifest: manifest!, recipients });
      const kept = { ...request, restoration: prepared, id: '29990101T000000000Z', recipients };
      const restoration = await keepPresent(kept);
      expect(await harness.state()).toBe(lost);
      const change = { ...request, restoration };
      for (const [verb, state] of [
        [commitRestore, whole],
        [commitRestore, whole],
        [undoRestore, lost],
        [undoRestore, lost],
        [commitRestore, whole],
        [forgetRestore, whole],
      ] as const) {
        await harness.stop?.();
        await verb(change);
        await harness.start?.();
        expect([verb.name, await harness.state()]).toEqual([verb.name, state]);
      }
      expect((await harness.beside?.()) ?? '').toBe('');
    });

    test('is not restored from a file with a changed byte, nor for a wrong identity', async () => {
      const manifest = await site.make({ recipients });
      const request = { ...site, identity, signal: never, id: 'r2', manifest };
      const other = join(site.folder, 'other');
      execFileSync('age-keygen', ['-o', other], { stdio: 'pipe' });
      await expect(prepareRestore({ ...request, identity: other })).rejects.toMatchObject({
        code: 'backup-failed',
        message: expect.stringMatching(/^age cannot decrypt the backup: .*no identity matched/),
      });
      // What is kept as a backup has to be opened by the undo.
      if (!site.source.swap) {
        const keys = [execFileSync('age-keygen', ['-y', other]).toString().trim()];
        await expect(prepareRestore({ ...request, recipients: keys })).rejects.toThrow('no identity matched');
      }
      const bytes = readFileSync(fileOf(manifest));
      bytes[bytes.length - 5]! ^= 1;
      writeFileSync(fileOf(manifest), bytes);
      await expect(prepareRestore(request)).rejects.toMatchObject({
        code: 'backup-damaged',
        message: expect.stringContaining('has changed since it was written'),
      });
      expect(await harness.state()).toBe(whole);
      expect((await harness.beside?.()) ?? '').toBe('');
    });

    test('leaves nothing of a dump that is called off', async () => {
      const before = site.files();
      const calledOff = new AbortController();
      const onBytes = () => calledOff.abort(new Error('called off'));
      await expect(site.make({ signal: calledOff.signal, onBytes })).rejects.toThrow('called off');
      expect(site.files()).toEqual(before);
    });

    more?.();
  });
}
