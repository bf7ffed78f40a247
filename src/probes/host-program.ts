import { isFolder, programFault } from '../program-fault';
import { runProgram } from '../run-program';

/** A program of this host that checks something. */
export interface HostProgram {
  /** The program and its arguments; no shell reads them. */
  argv: string[];
  /** Absolute: it runs there, and a path counts from there. */
  folder: string;
  told: Told;
}

/** What its environment tells it, besides that of this process. */
export interface Told {
  platform: string;
  /** Absent for a test of the whole platform. */
  service?: string;
  instance?: string;
  revision?: number;
  /** `host:port` where the instance listens. */
  address?: string;
}

export interface HostProgramEnd {
  /** The exit code, or the name of the signal that has ended it. */
  code: number | string;
  /** Its standard error; its standard output if that is empty. */
  output: string;
}

/**
 * Runs the program to its end. An abort ends it at once with all of its process group, and throws the signal's reason.
 * Throws an error in words for a program that cannot be started.
 */
export async function runOnHost({ argv, folder, told }: HostProgram, signal: AbortSignal): Promise<HostProgramEnd> {
  const [command, ...args] = argv as [string, ...string[]];
  const env = { ...process.env, ...namesOf(told) };
  const { code, output, errors } = await runProgram({ command, args, cwd: folder, env, signal, group: true });
  signal.throwIfAborted();
  if (tooMuch.test(String(code))) throw new Error(`${command} has said more than 1 MiB, and was ended`);
  if (neverRan.test(String(code))) throw new Error(await whyNot(command, folder, code));
  return { code, output: errors.trim() === '' ? output : errors };
}

/** Variables without a value are not there, even if this process has them. */
const namesOf = ({ platform, service, instance, revision, address }: Told): NodeJS.ProcessEnv => ({
  BELAY_PLATFORM: platform,
  BELAY_SERVICE: service,
  BELAY_INSTANCE: instance,
  BELAY_REVISION: revision === undefined ? undefined : String(revision),
  BELAY_ADDRESS: address,
});

const tooMuch = /maxBuffer/;
/** Words of the system in place of an exit code, such as ENOENT; `SIGSEGV` is the end of a program that has run. */
const neverRan = /^E[A-Z0-9_]+$/;

async function whyNot(program: string, folder: string, code: number | string): Promise<string> {
  if (!(await isFolder(folder))) return `${folder}, the folder of its command, is not there`;
  const fault = await programFault(program, folder);
  return `${program} ${fault ?? `cannot be started (${code})`}`;
}
