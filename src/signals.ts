import { constants } from 'node:os';

/** `SIGTERM`, `TERM`, `15` and `SIGRTMIN+3` as numbers; undefined for none of Linux. Pure. */
export function signalNumber(signal: string): number | undefined {
  if (/^\d+$/.test(signal)) return Number(signal);
  const name = signal.toUpperCase().replace(/^(SIG)?/, 'SIG');
  const realTime = /^SIGRTM(IN|AX)([+-]\d+)?$/.exec(name);
  if (realTime) return (realTime[1] === 'IN' ? 34 : 64) + Number(realTime[2] ?? 0);
  return (constants.signals as Record<string, number>)[name];
}
