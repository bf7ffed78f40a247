import { statfs } from 'node:fs/promises';
import { BelayError } from '../src/errors';
import { freeLoopbackPorts } from '../src/hosts/ports';
import type { PreflightStep } from '../src/spec/plan';
import type { Deps, StepInput, StepResult } from './deps';
import { proxiesOf } from './proxies';
import { takeTurn } from './turn';

const leastDisk = 256 * 1024 * 1024;

/** Engine, disk, ports and proxy are fit. Changes nothing; every problem is in the one message. */
export const preflight =
  (deps: Deps) =>
  (input: StepInput<PreflightStep>): Promise<StepResult> =>
    takeTurn(deps, input, async () => {
      const problems = [
        ...(await diskProblems(deps)),
        ...(await portProblems(deps, input.step)),
        ...(await slotProblems(deps, input)),
      ];
      if (problems.length === 0) return {};
      throw new BelayError('preflight-failed', problems.join('; '), {
        hint: 'belay doctor looks at the host and says what to do',
      });
    });

async function diskProblems({ home }: Deps): Promise<string[]> {
  const { bavail, bsize } = await statfs(home).catch(() => ({ bavail: leastDisk, bsize: 1 }));
  return bavail * bsize < leastDisk ? [`${home}: less than 256 MB of disk are free`] : [];
}

async function portProblems({ runtime }: Deps, { ports }: PreflightStep): Promise<string[]> {
  const published = await runtime.publishedPorts();
  const free = await Promise.all(
    ports.map(async (port) => (await freeLoopbackPorts({ first: port, last: port })).length > 0),
  );
  return ports
    .filter((port, index) => !free[index] || published.includes(port))
    .map((port) => `port ${port} has been taken since the plan was made`);
}

async function slotProblems(deps: Deps, { step, proxies }: StepInput<PreflightStep>): Promise<string[]> {
  const open = proxiesOf(deps, proxies);
  const problems = await Promise.all(
    step.slots.map(async ({ proxy, backend, server }) => {
      const found = (await open(proxy).observe(backend)).find((one) => one.server === server);
      if (!found) return `proxy ${proxy}: backend ${backend} has no server ${server} any more`;
      if (found.check === 'none')
        return `proxy ${proxy}: backend ${backend} does not check its servers, so nobody could tell when a new instance may have traffic`;
      return undefined;
    }),
  );
  return [...new Set(problems.filter((one) => one !== undefined))];
}
