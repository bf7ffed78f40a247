import { createHmac } from 'node:crypto';
import { digestOfFile } from '../../hosts/digest';
import { hmacKey } from '../../hosts/machine';
import type { UnitRecord } from '../../hosts/unit-records';
import { digestOfFolder } from './artifacts/digests';
import { instanceOfUnit, type SystemdTemplate } from './template';
import { unitTexts } from './unit-texts';
import { type SystemdHost, showUnit } from './units';

/**
 * A mark of all that a process of the unit is told at its start, but the artifact: unit, settings, environment and
 * credentials, with the contents of their files. Undefined where it cannot be known.
 */
export async function toldNow(host: SystemdHost, { unit, template }: UnitRecord): Promise<string | undefined> {
  const { directives } = template as SystemdTemplate;
  const state = await showUnit(host, unit);
  const { file, dropIns } = await unitTexts(state);
  const texts = [...(file ? [file] : []), ...dropIns].map(({ text }) => text);
  const paths = [...state.envFiles, ...credentialsOf(unit, [...texts, ...directives].join('\n'))];
  if (paths.some(isPattern)) return undefined;
  const contents = await Promise.all(paths.map(contentAt));
  const key = await hmacKey(host.home);
  return createHmac('sha256', key)
    .update(JSON.stringify(['told', directives, texts, paths, contents]))
    .digest('hex');
}

/** `systemctl show` does not print them. */
const credentialsOf = (unit: string, text: string): string[] =>
  [...text.matchAll(/^LoadCredential(?:Encrypted)?=[^:\n]+:(.+)$/gm)].map(([, path]) =>
    path!.replaceAll('%i', instanceOfUnit(unit)),
  );

const isPattern = (path: string): boolean => /[*?[%]/.test(path);

const contentAt = (path: string): Promise<string> =>
  digestOfFile(path)
    .catch(() => digestOfFolder(path))
    .catch(() => 'none');
