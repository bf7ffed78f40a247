/**
 * The shortest form of a name in a folder: `./deploy/../compose.yaml` is `compose.yaml`. A name that leads out of the
 * folder keeps its `..`.
 */
export function inFolder(name: string): string {
  const kept: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else kept.push(part);
  }
  return `${name.startsWith('/') ? '/' : ''}${kept.join('/')}`;
}

/** The folder of a file; empty for the base folder. */
export const folderOf = (name: string): string => inFolder(name).split('/').slice(0, -1).join('/');

/** True for a short name that stays in the folder. */
export const isInside = (name: string): boolean => !name.startsWith('/') && name.split('/')[0] !== '..';
