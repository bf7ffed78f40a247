import { runProgram } from '../../../run-program';
import { type Check, ok, warn } from '../check';
import type { UnitFacts } from './facts';
import { editing, titleOf } from './title';

/** The grade that `systemd-analyze security` gives a unit. */
export interface Exposure {
  /** 0 is locked in, 10 is open. */
  level: number;
  /** Settings that it finds missing: `NoNewPrivileges=`. */
  missing: string[];
}

/** Above this level the check warns. */
const most = 7;

/** Settings that suit almost every network service, with the values to write. */
const usual: Record<string, string> = {
  'NoNewPrivileges=': 'yes',
  'PrivateTmp=': 'yes',
  'PrivateDevices=': 'yes',
  'ProtectSystem=': 'full',
  'ProtectHome=': 'yes',
  'ProtectClock=': 'yes',
  'ProtectControlGroups=': 'yes',
  'ProtectKernelLogs=': 'yes',
  'ProtectKernelModules=': 'yes',
  'ProtectKernelTunables=': 'yes',
  'RestrictSUIDSGID=': 'yes',
  'LockPersonality=': 'yes',
};

/** Checks how much of the machine the unit can reach. Pure. */
export function checkExposure({ unit, exposure }: Pick<UnitFacts, 'unit' | 'exposure'>): Check[] {
  if (!exposure) return [];
  const title = titleOf(unit.id);
  const { level, missing } = exposure;
  const text = `exposure ${level.toFixed(1)} of 10, as systemd-analyze security says`;
  if (level <= most) return [ok(title, text)];
  const lines = Object.keys(usual)
    .filter((name) => missing.includes(name))
    .map((name) => `${name}${usual[name]}`);
  const found = warn(
    title,
    `${text}: more than ${most.toFixed(1)}`,
    `systemd-analyze security ${unit.id} names all; try these first: ${editing(unit.id)}`,
  );
  return [{ ...found, lines: ['[Service]', ...lines] }];
}

/** Returns the grade from the table that `systemd-analyze security UNIT` prints. Pure. */
export function exposureOf(output: string): Exposure | undefined {
  const level = /exposure level for \S+: ([\d.]+)/.exec(output)?.[1];
  if (level === undefined) return undefined;
  return { level: Number(level), missing: [...output.matchAll(/^[✗x-] (\S+)/gm)].map(([, name]) => name!) };
}

/** Returns undefined if systemd does not tell. */
export async function readExposure(id: string): Promise<Exposure | undefined> {
  const args = ['security', '--no-pager', id];
  const env = { ...process.env, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
  const { output } = await runProgram({ command: 'systemd-analyze', args, timeout: 20_000, env });
  return exposureOf(output);
}
