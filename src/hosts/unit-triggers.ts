import { z } from 'zod';
import { removeFile } from './file';
import { fileFormat } from './format';
import { hostPaths } from './home';
import { readJson, writeJson } from './json-file';

/** Sockets, timers and paths of a unit, as they were when Belay stopped it. */
const UnitTriggers = z.looseObject({
  format: z.literal(1),
  active: z.array(z.string()),
  enabled: z.array(z.string()),
});
export type UnitTriggers = Pick<z.infer<typeof UnitTriggers>, 'active' | 'enabled'>;
const triggersFile = fileFormat(UnitTriggers);

interface Home {
  home: string;
}

export const unitTriggers = ({ home }: Home, unit: string): Promise<UnitTriggers | undefined> =>
  readJson(hostPaths(home).triggers(unit), triggersFile);

export const writeUnitTriggers = ({ home }: Home, unit: string, { active, enabled }: UnitTriggers): Promise<void> =>
  writeJson(hostPaths(home).triggers(unit), { format: 1, active, enabled });

export const removeUnitTriggers = ({ home }: Home, unit: string): Promise<void> =>
  removeFile(hostPaths(home).triggers(unit));
