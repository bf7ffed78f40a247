import { execFile } from 'node:child_process';
import { readdir, readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { drillUnits } from '../../src/hosts/drill-units';
import { peekFence } from '../../src/hosts/fence';
import { listFolder } from '../../src/hosts/file';
import { hostPaths } from '../../src/hosts/home';
import { jobUnits } from '../../src/hosts/job-units';
import { allKeptRevisions, keptFiles } from '../../src/hosts/kept-artifacts';
import { createLedger } from '../../src/hosts/ledger';
import { leftoversOf } from '../../src/hosts/leftovers';
import { unitRecords } from '../../src/hosts/unit-records';

const run = promisify(execFile);

interface Place {
  home: string;
  platform: string;
  /** The path of the link to the released folder; `%i` in it is the instance. */
  install: string;
  /** Names of its units begin so. */
  units: string;
}

/** All that a host has of one service. It runs in the machine. */
export interface Look {
  here(): Promise<Here>;
}

export interface Here {
  head?: number;
  headState?: string;
  pending: number[];
  /** The release that has the fence. */
  owner?: string;
  /** Instances by record: name and revision. */
  records: string[];
  /** Runs of jobs by record. */
  jobs: string[];
  /** Instances of drills by record. */
  drills: string[];
  /** Drop-ins of Belay: unit and instance. */
  dropIns: string[];
  /** Units that run: the program of the main process, and whether they start at boot. */
  running: Array<{ unit: string; program: string; enabled: string; restarts: number }>;
  /** Folders of revisions, and those that nobody has noted. */
  folders: string[];
  strayFolders: string[];
  /** Contents that no revision keeps. */
  strayContents: string[];
  /** Notes of instances that stop, and files of an act that was cut off which no prune would remove. */
  remains: string[];
}

const service = 'web';

export const openLook = ({ home, platform, install, units }: Place): Look => ({
  async here() {
    const ledger = createLedger({ home }).of({ platform, service });
    const head = await ledger.head();
    const revisions = await ledger.revisions();
    const fence = await peekFence({ home, platform, service });
    const releases = `${dirname(install)}/.belay/${platform}.${service}`;
    const keys = await allKeptRevisions({ home });
    const kept = (await Promise.all(keys.map((key) => keptFiles({ home }, key)))).flatMap((one) => one ?? []);
    const folders = await listFolder(releases);
    const contents = await listFolder(`${hostPaths(home).artifacts}/sha256`);
    // A release without a drop leaves what a killed write has torn: `belay prune` removes it.
    const torn = await tornIn({ home, platform, isThere: head !== undefined });
    const records = (await unitRecords({ home })).filter(({ identity }) => identity?.service === service);
    return {
      head,
      headState: revisions.find(({ number }) => number === head)?.state,
      pending: revisions.filter(({ state }) => state === 'pending').map(({ number }) => number),
      owner: fence?.owner?.workflowId,
      records: records.map(({ name, identity }) => `${name} ${identity?.revision}`),
      jobs: (await jobUnits({ home })).map(({ name }) => name),
      drills: (await drillUnits({ home })).map(({ name }) => name),
      dropIns: await dropInsOf(units),
      running: await runningOf(units),
      folders,
      strayFolders: folders.filter((name) => !kept.some(({ placed }) => placed.includes(`${releases}/${name}`))),
      strayContents: contents.filter((sha256) => !kept.some((one) => one.sha256 === sha256)),
      remains: [
        ...(await listFolder(hostPaths(home).drains)).filter((name) => !torn.includes(`drains/${name}`)),
        ...(await readdir(home, { recursive: true })).filter((name) => name.endsWith('.tmp') && !torn.includes(name)),
        ...(await listFolder('/run/systemd/system')).filter((name) => name.startsWith(units)),
        ...(await readdir(dirname(install), { recursive: true })).filter((name) =>
          /\.tmp$|\.\w{12}\.belay$/.test(name),
        ),
      ],
    };
  },
});

async function tornIn({ home, platform, isThere }: { home: string; platform: string; isThere: boolean }) {
  const services = isThere ? [service, 'after'] : [];
  return (await Promise.all(services.map((one) => leftoversOf({ home, platform, service: one })))).flat();
}

async function dropInsOf(units: string): Promise<string[]> {
  const { stdout } = await run('sh', ['-c', 'grep -s ^Instance= /etc/systemd/system/*.d/50-belay.conf || true']);
  const lines = stdout.split('\n').filter((line) => line.startsWith(`/etc/systemd/system/${units}`));
  return lines.map((line) => line.replace(/^\/etc\/systemd\/system\/(.*)\.d\/.*=(.*)$/, '$1 $2'));
}

async function runningOf(units: string): Promise<Here['running']> {
  const list = ['list-units', '--plain', '--no-legend', '--state=active,activating,failed', `${units}*.service`];
  const names = (await run('systemctl', list)).stdout.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []);
  return await Promise.all(
    names.map(async (unit) => {
      const show = async (property: string) =>
        (await run('systemctl', ['show', '--value', '-p', property, unit])).stdout.trim();
      const pid = await show('MainPID');
      const program = await readlink(`/proc/${pid}/exe`).catch(() => 'none');
      return { unit, program, enabled: await show('UnitFileState'), restarts: Number(await show('NRestarts')) };
    }),
  );
}
