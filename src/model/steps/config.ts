import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** Configuration files of the host are at the release's version, or as they were before it. */
export const config: Kind<StepOf<'config'>> = {
  phase: 'preparing',
  describe({ files, restore }) {
    const names = files.map(({ file }) => file).join(', ');
    if (restore) return `put ${names} back`;
    return `write ${files.map(({ file, keys }) => `${file} (${keys.join(', ')})`).join(', ')}`;
  },
};
