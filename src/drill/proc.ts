import { basename } from 'node:path';
import { signalNumber } from '../signals';

/** A process by the kernel's text of it. Source of the format: proc(5), /proc/<pid>/status. */
export interface ProcessFacts {
  name: string;
  zombie: boolean;
  threads: number;
  /** True if the kernel keeps the signal for the program. */
  catches(signal: string): boolean;
  /** True if a handler of it is installed. */
  handles(signal: string): boolean;
  /** True if the kernel drops it. */
  ignores(signal: string): boolean;
}

/** Undefined for an empty text: the process is gone, or hidden. Pure. */
export function readStatus(text: string): ProcessFacts | undefined {
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(text)?.[1];
  const name = field('Name');
  if (name === undefined) return undefined;
  const mask = (name: string) => BigInt(`0x${field(name) ?? '0'}`);
  // A blocked signal waits until the program takes it, as inits and event loops do.
  const [handled, caught] = [mask('SigCgt'), mask('SigCgt') | mask('SigBlk')];
  return {
    name,
    zombie: field('State') === 'Z',
    threads: Number(field('Threads')),
    catches: (signal) => isSet(caught, signalNumber(signal) ?? 0),
    handles: (signal) => isSet(handled, signalNumber(signal) ?? 0),
    ignores: (signal) => isSet(mask('SigIgn'), signalNumber(signal) ?? 0),
  };
}

const isSet = (mask: bigint, number: number): boolean => number > 0 && ((mask >> BigInt(number - 1)) & 1n) === 1n;

/** True for a Java VM, by the path of its program or by the libraries in its memory (/proc/<pid>/maps). Pure. */
export const isJavaVm = (program: string, maps: string): boolean =>
  basename(program) === 'java' || /\/libjvm\.so$/m.test(maps);

const shells = ['sh', 'ash', 'bash', 'dash', 'ksh', 'mksh', 'zsh'];

/** True if the command line, with its zero bytes, is of a shell that runs a command or a script. Pure. */
export function isShell(commandLine: string): boolean {
  const words = commandLine.split('\0').filter(Boolean);
  const [program = '', ...rest] = basename(words[0] ?? '') === 'busybox' ? words.slice(1) : words;
  return shells.includes(basename(program).replace(/^-/, '')) && rest.length > 0;
}
