import { readdir } from 'node:fs/promises';
import { release } from 'node:os';
import type Docker from 'dockerode';
import type { EngineFacts } from '../runtime';
import { ask } from './errors';

/** An engine's answer to `docker info`, as far as Belay reads it. */
export interface EngineInfo {
  DockerRootDir?: string;
  /** Pairs of name and value. */
  DriverStatus?: Array<[string, string]> | null;
  /** As `uname -m` says it: `x86_64`. */
  Architecture?: string;
  KernelVersion?: string;
  SystemTime?: string;
  RegistryConfig?: { Mirrors?: string[] | null } | null;
}

/** The engine's answer, with the time before and after it. */
export interface TimedInfo {
  info: EngineInfo;
  sent: number;
  received: number;
}

export async function timedInfo(docker: Docker): Promise<TimedInfo> {
  const sent = Date.now();
  const info = (await ask(() => docker.info())) as EngineInfo;
  return { info, sent, received: Date.now() };
}

/** As `Runtime.engine`. */
export async function engineFacts(docker: Docker, asked: () => Promise<TimedInfo>): Promise<EngineFacts> {
  const [version, timed, emulated] = await Promise.all([ask(() => docker.version()), asked(), emulatedHere()]);
  const { info } = timed;
  const { Version, ApiVersion, Os, Arch } = version;
  const kernel = machineNames[info.Architecture ?? ''];
  return {
    name: `Docker Engine ${Version}`,
    api: ApiVersion,
    os: Os,
    machines: [...new Set([Arch, ...(kernel ? [kernel] : [])])],
    ...(info.KernelVersion === release() && emulated && { emulated }),
    ahead: aheadOf(timed),
    hasMirrors: (info.RegistryConfig?.Mirrors ?? []).length > 0,
  };
}

/** Milliseconds that the engine's clock is ahead, at least: it was read between the question and the answer. Pure. */
export function aheadOf({ info, sent, received }: TimedInfo): number {
  const at = Date.parse(info.SystemTime ?? '');
  if (Number.isNaN(at)) return 0;
  return Math.max(0, at - received) + Math.min(0, at - sent);
}

/** The names of machines in image registries, by those of the kernel. */
const machineNames: Record<string, string> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: '386',
  s390x: 's390x',
  ppc64le: 'ppc64le',
  riscv64: 'riscv64',
};

const folder = '/proc/sys/fs/binfmt_misc';

/** Machines that this kernel emulates; undefined if its table is not mounted here. */
async function emulatedHere(): Promise<string[] | undefined> {
  const names: string[] = await readdir(folder).catch(() => []);
  return names.includes('status') ? emulatedIn(names) : undefined;
}

/** The machines of interpreters: `qemu-aarch64` emulates arm64. Pure. */
export const emulatedIn = (names: string[]): string[] =>
  names.flatMap((name) => interpreters[name.replace(/^qemu-/, '')] ?? []);

const interpreters: Record<string, string> = {
  ...machineNames,
  arm: 'arm',
  i386: '386',
  rosetta: 'amd64',
  FEX: 'amd64',
};
