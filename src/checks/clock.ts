import { timeText } from '../model/quantities';
import { type Finding, warn } from './finding';

/** Milliseconds. */
const most = 5_000;

/**
 * Checks another party's clock. `ahead`: milliseconds by which it is ahead of this process's, at least. No finding if they
 * agree. Pure.
 */
export function clockFinding(whose: string, ahead: number): Finding | undefined {
  if (Math.abs(ahead) <= most) return undefined;
  return warn(
    'clock',
    `the clock of ${whose} is ${timeText(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} this machine's: deadlines and times in logs go by both`,
    'set both by NTP: timedatectl set-ntp true',
  );
}
