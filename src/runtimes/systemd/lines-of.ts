import type { SystemdTemplate } from './template';
import { type UnitLine, unitLines } from './unit-lines';
import { isLater, unitTexts } from './unit-texts';
import { type SystemdHost, showUnit } from './units';

/** The assignments of the unit as an instance of the revision has them, in the order in which systemd reads them. */
export async function linesOf(
  host: SystemdHost,
  { unitText, directives }: Pick<SystemdTemplate, 'unitText' | 'directives'>,
  unit: string,
): Promise<UnitLine[]> {
  const { file, dropIns } = await unitTexts(await showUnit(host, unit));
  const texts = (later: boolean) => dropIns.filter((one) => isLater(one) === later).map(({ text }) => text);
  const own = ['[Service]', ...directives].join('\n');
  return unitLines([unitText ?? file?.text ?? '', ...texts(false), own, ...texts(true)]);
}
