import type { Advice } from '../../../proxies/advice';
import { bad, type Check, warn } from '../check';

/** Returns problem and reason, the section of the lines, and the lines to copy. Pure. */
export function adviceCheck(title: string, { severity, section, what, why, instead, lines }: Advice): Check {
  const found = (severity === 'must' ? bad : warn)(title, `${section}: ${what}. ${why}`);
  return lines.length === 0
    ? found
    : { ...found, todo: [`${section}${instead === undefined ? '' : `, in place of ${instead}`}:`], lines };
}
