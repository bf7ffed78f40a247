import { bounded } from './bounded';
import { engineWords } from './engine-words';
import { runOnHost } from './host-program';
import type { CheckKind } from './kind';
import { lastLine } from './last-line';
import { type ProbeResult, unhealthy } from './probe-result';

export const command: CheckKind = {
  inside: ({ check, run, ...bounds }) =>
    bounded(bounds, async (signal) => judged(await run(check.command!, signal)), engineWords),
  onHost: ({ program, mask, ...bounds }) =>
    bounded(
      bounds,
      async (signal) => {
        const { code, output } = await runOnHost(program, signal);
        return judged({ code, output: mask(output) });
      },
      (error) => (error as Error).message,
    ),
};

function judged({ code, output }: { code: number | string; output: string }): ProbeResult {
  const said = lastLine(output);
  return code === 0 ? { healthy: true } : unhealthy(`ended with ${code}${said && `: ${said}`}`);
}
