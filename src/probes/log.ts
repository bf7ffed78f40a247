import { stripVTControlCharacters } from 'node:util';
import { lineMatcher } from '../spec/checks/log';
import { bounded } from './bounded';
import { engineWords } from './engine-words';
import type { CheckKind } from './kind';
import { unhealthy } from './probe-result';

export const log: CheckKind = {
  inLog: ({ check, log, ...bounds }) => {
    const matches = lineMatcher(check.log!);
    return bounded(
      bounds,
      async (signal) => {
        const said = await Promise.race([log(), over(signal)]);
        // Programs colour words of a line.
        return stripVTControlCharacters(said).split(/\r?\n/).some(matches)
          ? { healthy: true }
          : unhealthy('no line of its log since its start is the one that health.ready.log names');
      },
      engineWords,
    );
  },
};

const over = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
