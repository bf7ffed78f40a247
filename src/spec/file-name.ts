/** A name in a folder, without detours: `./deploy/../compose.yaml` is `compose.yaml`. What leads out of the folder keeps its `..`. */
export function inFolder(name: string): string {
  const kept: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else kept.push(part);
  }
  return `${name.startsWith('/') ? '/' : ''}${kept.join('/')}`;
}

/** The folder that a file is in; empty for the one that names go by. */
export const folderOf = (name: string): string => inFolder(name).split('/').slice(0, -1).join('/');

/** Of a name without detours. */
export const isInside = (name: string): boolean => !name.startsWith('/') && name.split('/')[0] !== '..';
