import { activityInfo } from '@temporalio/activity';
import { clockFinding } from '../../src/checks/clock';
import type { Finding } from '../../src/checks/finding';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import { freeLoopbackPorts } from '../../src/hosts/ports';
import type { Slot } from '../../src/model/observed';
import type { PreflightStep } from '../../src/model/plan';
import { longestStart } from '../../src/model/steps';
import { fitness } from '../../src/observe/fitness';
import { known } from '../../src/observe/known';
import { oneLook, proxiesOf } from '../../src/observe/proxies';
import { settled, told, type Unmet, unmet } from '../../src/observe/required';
import { listed } from '../../src/spec/sentences';
import { backupProblems } from './backup-problems';
import { askNeeds } from './needs';
import { type Turn, takeTurn } from './turn';

/** Milliseconds between looks at required services. */
const every = 500;

/**
 * Checks that engine, disk, ports and proxy are fit, and that the service's needs answer. Changes nothing; one message
 * has every problem.
 */
export const preflight =
  (deps: Deps) =>
  (input: StepInput<PreflightStep>): Promise<StepResult> => {
    const began = Date.now();
    return takeTurn(deps, input, async (turn) => {
      const [fit, clock, ...others] = await Promise.all([
        fitness(deps, { ...input.step, platform: input.platform }),
        input.step.fit ? clockOf(deps, began) : [],
        portProblems(deps, input.step),
        slotProblems(deps, input),
        requiredProblems(deps, input),
        backupProblems(deps, input, turn.signal),
      ]);
      const findings = [...fit, ...clock];
      const failed = findings.filter(({ state }) => state === 'fail');
      const problems = [textsOf(failed), ...others].flat();
      // Fast checks come first: a taken port must not wait for a database.
      if (problems.length === 0) problems.push(...(await requiredHealthy(deps, input, turn)));
      const { missing, note } = problems.length > 0 ? { missing: [] } : await askNeeds(deps, input, turn);
      problems.push(...missing);
      const notes = [...textsOf(findings.filter(({ state }) => state === 'warn')), ...(note ? [note] : [])];
      if (problems.length === 0) return { note: notes.length > 0 ? notes.join('; ') : undefined };
      throw new BelayError('preflight-failed', problems.join('; '), {
        hint: hintOf(failed) ?? 'run belay doctor: it checks the host and shows what to do',
      });
    });
  };

/** Compares Temporal's clock with this machine's, by the start of this very step. */
async function clockOf({ temporal }: Deps, began: number): Promise<Finding[]> {
  const { workflowExecution, activityId } = activityInfo();
  const started = workflowExecution && (await known(() => temporal.startedAt(workflowExecution, activityId)));
  const found = started === undefined ? undefined : clockFinding('Temporal', started - began);
  return found ? [found] : [];
}

const textsOf = (findings: Finding[]): string[] => [...new Set(findings.map(({ text }) => text))];

function hintOf(findings: Finding[]): string | undefined {
  const hints = [...new Set(findings.flatMap(({ hint }) => hint ?? []))];
  return hints.length > 0 ? hints.join('; ') : undefined;
}

async function portProblems({ runtimeOf }: Deps, { ports, runtime }: PreflightStep): Promise<string[]> {
  const all = { first: Math.min(...ports), last: Math.max(...ports) };
  const [free, published] = await Promise.all([freeLoopbackPorts(all), runtimeOf(runtime).publishedPorts()]);
  return ports
    .filter((port) => !free.includes(port) || published.includes(port))
    .map((port) => `port ${port} has been taken since the plan was made`);
}

/** Returns problems of required services in the Compose project that no release runs. */
async function requiredProblems(deps: Deps, { step, platform }: StepInput<PreflightStep>): Promise<string[]> {
  return problemsOf(settled(await unmet(deps, { ...step, platform })));
}

/** Waits, as Compose does, while the health of required services is `starting`; returns the problems after that. */
async function requiredHealthy(
  deps: Deps,
  { step, platform }: StepInput<PreflightStep>,
  turn: Turn,
): Promise<string[]> {
  const found = await turn.until(every, async () => {
    const all = await unmet(deps, { ...step, platform });
    const isOver = all.length === 0 || settled(all).length > 0 || turn.elapsed() >= longestStart;
    if (isOver) return all;
    turn.say(`waits until ${listed(all.map(({ service }) => service))} ${all.length > 1 ? 'are' : 'is'} healthy`);
    return undefined;
  });
  return problemsOf(found);
}

const problemsOf = (all: Unmet[]): string[] => told(all).map(({ text, repair }) => `${text}: ${repair}`);

async function slotProblems(deps: Deps, { step, platform, proxies }: StepInput<PreflightStep>): Promise<string[]> {
  const open = proxiesOf(deps, { platform, proxies });
  // Other proxies get their server lines during the release.
  const isTheUsers = ({ proxy }: Slot) => {
    const { places, managed } = open.of(proxy).capabilities;
    return places === 'fixed' && !managed;
  };
  const look = oneLook(open);
  const problems = await Promise.all(
    step.slots.filter(isTheUsers).map(async (slot) => {
      const { proxy, backend, server } = slot;
      const found = (await look(slot)).find((one) => one.server === server);
      if (!found) return `proxy ${proxy}: backend ${backend} has no server ${server} any more`;
      if (open.of(proxy).capabilities.checks && found.check === 'none')
        return `proxy ${proxy}: backend ${backend} has no health check for its servers, so it would send requests to a new instance too early`;
      return undefined;
    }),
  );
  return [...new Set(problems.filter((one) => one !== undefined))];
}
