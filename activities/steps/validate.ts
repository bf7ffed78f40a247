import { cancellationDetails } from '@temporalio/activity';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { DesiredValidation } from '../../src/model/desired';
import type { InstanceRef, ValidateStep } from '../../src/model/plan';
import { isOfPlatform } from '../../src/model/whole-platform';
import type { Runtime, RuntimeInstance } from '../../src/runtimes/runtime';
import { compare } from './compare';
import { logPlaces } from './kept-log';
import { bringBack, liveness, provenLive } from './liveness';
import { askInstance, measureOf } from './measure';
import { needsAgain, watchNeeds } from './needs';
import { testPlatform } from './platform-test';
import { isGone } from './probe';
import { onlyOnce, series } from './series';
import { serviceStanding } from './standing';
import { askThrough } from './told';
import { type Turn, takeTurn } from './turn';

const watchEvery = 500;

/** Tests each instance once, or measures many times, or watches until one fails or the step is cancelled. */
export const validate =
  (deps: Deps) =>
  (input: StepInput<ValidateStep>): Promise<StepResult> =>
    takeTurn(deps, input, (turn) => {
      const { smoke, series, former, compared, external, asked, live, until } = input.step;
      if (external) return until ? watchNeeds(deps, input, turn) : needsAgain(deps, input, turn);
      if (asked) return askThrough(input, turn);
      if (compared) return compare(deps, input, turn);
      if (live && !until) return provenLive(deps, input, turn);
      if (!smoke) return watch(deps, input, turn);
      if (former) return askFormer(deps, input, turn);
      if (isOfPlatform(input.step)) return testPlatform(deps, input, turn);
      return series || smoke.prometheus ? measureAll(deps, input, turn) : askEach(deps, input, turn);
    });

async function measureAll(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const { smoke, series: isSeries, head } = input.step;
  const test = isSeries ? smoke! : onlyOnce(smoke!);
  const standing = head === undefined ? undefined : () => serviceStanding(deps, turn, head);
  return await series(test, { measure: await measureOf(deps, input, turn), standing }, turn);
}

async function askEach(deps: Deps, { step, failsBefore }: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const { smoke, instances, title, direct } = step;
  for (const ref of instances) {
    const result = await askInstance(deps, { test: smoke!, direct, turn }, ref);
    if (result.healthy) continue;
    const what = `test ${title} of ${ref.name}: ${askedText(smoke!)}${result.why}`;
    if (failsBefore === undefined)
      throw new BelayError('smoke-failed', what, { hint: 'fix the version, or the test in validate' });
    throw new BelayError('inconclusive', `${what}; the version before failed it too: ${failsBefore}`, {
      hint: 'see whether the test is right: belay skip goes on without it, belay rollback goes back',
    });
  }
  return { note: `${instances.length} of ${instances.length} passed` };
}

/** Asks the version before, so that no failure of its own is blamed on the new one. */
async function askFormer(deps: Deps, { step }: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const [ref] = step.instances;
  const result = await askInstance(deps, { test: step.smoke!, direct: step.direct, turn }, ref!);
  if (result.healthy) return { note: `${ref!.name} passes` };
  const fails = deps.masker.mask(`${ref!.name}: ${result.why}`);
  return { note: `fails already: ${fails}; so a failure of the new version will hold the release`, fails };
}

const askedText = ({ http, https, method = 'GET' }: DesiredValidation): string =>
  (http ?? https) === undefined ? '' : `${method} ${http ?? https}: `;

/**
 * Ensures that each instance, from its first look on, keeps running without a restart of the engine's own. One that
 * came back with the host, or by hand, has no such restart.
 */
async function watch(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const { instances } = input.step;
  const started = turn.memory;
  const live = liveness(deps, input, turn);
  await bringBack(deps, input, turn);
  let hasFailed = false;
  /** Instances that did not run at the last look. One that is being removed is gone at the next. */
  const ended = new Set<string>();
  const findUp = async (ref: InstanceRef) => {
    const found = await turn.find(ref);
    const before = started[ref.name];
    const isAgain = found !== undefined && found.startedAt !== before && found.restarts > 0;
    const isDown = found?.state !== 'running' && (!found || ended.has(ref.name));
    if (before !== undefined && (isDown || isAgain)) throw lost(await turn.runtimeAt(ref.revision), ref, found);
    return { found, before };
  };
  const look = async () => {
    for (const ref of instances) {
      const { found, before } = await findUp(ref);
      if (found?.state === 'running') ended.delete(ref.name);
      else ended.add(ref.name);
      if (found?.state !== 'running') continue;
      if (before !== undefined && found.startedAt !== before) live.restarted(ref);
      started[ref.name] = found.startedAt;
      await live.look(ref, found);
    }
    const failing = live.failing();
    hasFailed ||= failing.length > 0;
    // Each note is a row of the timeline, and the plan's table shows already which instances are up.
    if (hasFailed) turn.say(failing.join('; ') || 'live again');
  };
  try {
    return await turn.watch(Math.min(watchEvery, input.step.live?.every ?? watchEvery), look);
  } finally {
    // The workflow may end the watch between the two looks.
    if (cancellationDetails()?.cancelRequested)
      for (const ref of instances.filter(({ name }) => ended.has(name))) await findUp(ref);
  }
}

function lost(runtime: Runtime, ref: InstanceRef, found?: RuntimeInstance): BelayError {
  if (!found) return isGone(ref);
  const how =
    found.state === 'running'
      ? `exited, and the engine started it again (restarts: ${found.restarts})`
      : `exited with code ${found.exitCode ?? 'unknown'}`;
  const { name } = ref;
  return new BelayError('instance-lost', `${name} was up and ${how}`, {
    hint: logPlaces(runtime, name),
  });
}
