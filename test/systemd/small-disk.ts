import { waitFor } from '../../testbed/wait';
import { type CrashPoint, markersIn, pointsIn } from '../e2e/crash-point';
import type { Site } from './site';

/** The worker of a site whose disks get full, and the folder by which it is stopped. */
export const crash = '/var/lib/crash';
export const stoppable = { module: '/opt/belay/dist/test/e2e/crash-worker.js', env: { BELAY_CRASH: crash } };

const large = '400M';

/** Mounts a small file system at each of these folders. */
export async function mountDisks({ exec }: Site['machine'], folders: string[]): Promise<void> {
  await exec('mkdir', [crash]);
  for (const folder of folders) {
    await exec('mkdir', ['-p', folder]);
    await exec('mount', ['-t', 'tmpfs', '-o', `size=${large}`, 'disk', folder]);
  }
}

export const freeDisk = ({ machine }: Site, disk: string) =>
  machine.exec('mount', ['-o', `remount,size=${large}`, disk]);

/** The preflight has found room, and the workflow has not heard of it yet. */
const point: CrashPoint = { kind: 'activity', id: 'preflight', when: 'after', way: 'forward', signal: 'SIGSTOP' };

/** Releases. After the preflight the disk has `free` kilobytes left, as if others had written to it. */
export async function releaseOntoFull(site: Site, { disk, free }: { disk: string; free: number }) {
  const { machine, shell } = site;
  await machine.write(pointsIn(crash), JSON.stringify([point]));
  const released = site.say('release', '--until-held');
  try {
    await waitFor({ what: 'the preflight', until: () => machine.read(markersIn(crash)) });
    const used = `$(df --output=used ${disk} | tail -1)`;
    await shell(`mount -o remount,size=$((${used} + ${free}))k ${disk}`);
  } finally {
    await shell(`rm -f ${crash}/*; systemctl kill --signal=SIGCONT belay-worker`);
  }
  return await released;
}
