import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import { type FenceOwner, hasEnded, peekFence } from '../../src/hosts/fence';
import type { DesiredNeed } from '../../src/model/desired';
import type { PreflightStep, ValidateStep } from '../../src/model/plan';
import { longestAway } from '../../src/model/steps';
import { type AskedNeed, askNeed, needText, needTexts } from '../../src/observe/needs';
import type { ProbeResult } from '../../src/probes/probe';
import { formatDuration } from '../../src/spec/duration';
import { surroundingsOf } from './surroundings';
import type { Turn } from './turn';

const every = 500;
/** Milliseconds between looks at needs in the background. */
const watchEvery = 5_000;
/** Milliseconds between questions whether another release has ended. */
const askEvery = 60_000;
/** A need of a service in traffic may be away for so many times its `within`. */
const patience = 3;

type Asking = StepInput<PreflightStep | ValidateStep>;

/** Returns the service's missing required and missing optional needs. */
export async function askNeeds(
  deps: Deps,
  input: Asking,
  turn: Turn,
  longest: (need: DesiredNeed) => number = ({ within }) => within,
): Promise<{ missing: string[]; note?: string }> {
  const needs = await opened(deps, input);
  // An attempt goes on with the time of the attempt before.
  turn.memory.asked ??= String(turn.elapsed());
  const found = await Promise.all(needs.map((one) => waitFor(deps, one, { longest: longest(one.need), turn })));
  const said = found.flatMap((why, index) => (why === undefined ? [] : [{ ...needs[index]!.need, why }]));
  const notes = said.filter(({ required }) => !required).map(({ why }) => `${why}; it is not required`);
  return {
    missing: said.filter(({ required }) => required).map(({ why }) => why),
    note: notes.length > 0 ? notes.join('; ') : undefined,
  };
}

/** Waits until all required needs answer once more. An optional one is asked once. Throws `preflight-failed`. */
export async function needsAgain(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const { missing, note } = await askNeeds(deps, input, turn, (need) => (need.required ? longestAway(need) : 0));
  if (missing.length === 0) return { note };
  throw new BelayError('preflight-failed', missing.join('; '), { hint });
}

/**
 * Asks the needs until the step is cancelled. Throws `need-lost` for one that has been away for too long. The time
 * since its last answer stands in the turn's memory, and goes on after a worker's death.
 */
export async function watchNeeds(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<never> {
  const needs = await opened(deps, input);
  const isElsewhere = changesElsewhere(deps, turn);
  const look = async (one: AskedNeed, index: number): Promise<string[]> => {
    const key = `away ${index}`;
    const isBusy = await isElsewhere(one.need);
    const answer = isBusy || (await askNeed(deps, one, turn.signal));
    if (answer === true || answer.healthy) {
      delete turn.memory[key];
      return isBusy ? [`${needText(one.need)}: another release changes ${one.need.of}`] : [];
    }
    turn.memory[key] ??= String(turn.elapsed());
    const most = patience * one.need.within;
    if (turn.elapsed() - Number(turn.memory[key]) > most) throw lost(one, answer.why, most);
    return [`${needText(one.need)}: ${answer.why}`];
  };
  return await turn.watch(Math.min(watchEvery, ...needs.map(({ need }) => need.within)), async () => {
    const missing = (await Promise.all(needs.map(look))).flat();
    turn.say([`${needs.length - missing.length} of ${needs.length} answer`, ...missing].join('; '));
  });
}

/** Tells whether another release has the service that a need leads to: it may be away meanwhile. */
type Elsewhere = (need: DesiredNeed) => Promise<boolean>;

/** A terminated release leaves its fence, so Temporal is asked whether it goes on. */
function changesElsewhere({ home, temporal }: Deps, { token }: Turn): Elsewhere {
  const asked = new Map<string, { at: number; ended: Promise<boolean> }>();
  const isOver = (owner: FenceOwner): Promise<boolean> => {
    const before = asked.get(owner.runId);
    if (before && performance.now() - before.at < askEvery) return before.ended;
    const ended = hasEnded(owner, temporal);
    asked.set(owner.runId, { at: performance.now(), ended });
    return ended;
  };
  return async ({ of }) => {
    if (of === undefined) return false;
    const owner = (await peekFence({ home, platform: token.platform, service: of }))?.owner;
    return owner !== undefined && owner.workflowId !== token.owner.workflowId && !(await isOver(owner));
  };
}

function lost({ need, service }: AskedNeed, why: string, most: number): BelayError {
  const what = `${missingText(service, need, why)}, for more than ${formatDuration(most)}`;
  return new BelayError('need-lost', what, { hint });
}

const hint = 'belay doctor asks for what each service needs, and changes nothing';

/** Returns the step's needs with the values of their variables, which stay here. */
async function opened(deps: Deps, input: Asking): Promise<AskedNeed[]> {
  const { platform } = input;
  const { external: needs = [], service } = input.step;
  if (needs.length === 0) return [];
  const { sources } = await surroundingsOf(deps, input);
  const texts = await needTexts(deps, sources, needs);
  return needs.map((need, index) => ({ need, text: texts[index]!, platform, service, sources }));
}

/** Polls until the need answers or its time is over; returns the last problem. */
async function waitFor(
  deps: Deps,
  asked: AskedNeed,
  { longest, turn }: { longest: number; turn: Turn },
): Promise<string | undefined> {
  const { need, service } = asked;
  const answer = await turn.until<ProbeResult>(every, async () => {
    const result = await askNeed(deps, asked, turn.signal);
    if (result.healthy || turn.elapsed() - Number(turn.memory.asked) >= longest) return result;
    turn.say(`waits for ${needText(need)}: ${result.why}`);
    return undefined;
  });
  if (answer.healthy) return undefined;
  const time = longest > 0 ? `, for ${formatDuration(longest)}` : '';
  return `${missingText(service, need, answer.why)}${time}`;
}

const missingText = (service: string, need: DesiredNeed, why: string): string =>
  `${service} needs ${needText(need)}: ${why}`;
