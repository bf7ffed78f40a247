import { bounded } from './bounded';
import { engineWords } from './engine-words';
import type { CheckKind } from './kind';
import { lastLine } from './last-line';
import { unhealthy } from './probe-result';

export const command: CheckKind = {
  inside: ({ check, run, ...bounds }) =>
    bounded(
      bounds,
      async (signal) => {
        const { code, output } = await run(check.command!, signal);
        const said = lastLine(output);
        return code === 0 ? { healthy: true } : unhealthy(`ended with ${code}${said && `: ${said}`}`);
      },
      engineWords,
    ),
};
