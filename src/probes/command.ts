import { BelayError, isRetryable } from '../errors';
import { bounded } from './bounded';
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
      (error) => {
        // A silent engine says nothing about the instance.
        if (error instanceof BelayError && isRetryable(error.code)) throw error;
        return (error as Error).message;
      },
    ),
};
