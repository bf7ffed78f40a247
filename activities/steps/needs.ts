import type { Deps, StepInput } from '../../src/host';
import { openReleased } from '../../src/migration/released';
import type { PreflightStep } from '../../src/model/plan';
import { type AskedNeed, askNeed, needText, needTexts } from '../../src/observe/needs';
import type { ProbeResult } from '../../src/probes/probe';
import { examplesOf } from '../../src/resolve/example';
import { sourcesOf } from '../../src/resolve/sources';
import { formatDuration } from '../../src/spec/duration';
import type { Turn } from './turn';

const every = 500;

/** Returns the service's missing required and missing optional needs. */
export async function askNeeds(
  deps: Deps,
  { step, source }: StepInput<PreflightStep>,
  turn: Turn,
): Promise<{ missing: string[]; note?: string }> {
  const { external: needs = [], service } = step;
  if (needs.length === 0) return { missing: [] };
  const { project } = await openReleased(source!, examplesOf(deps, source!));
  const { sources } = await sourcesOf(deps, service, { project, marks: false, kept: true });
  const texts = await needTexts(deps, sources, needs);
  const found = await Promise.all(
    needs.map((need, index) => waitFor({ need, text: texts[index]!, service, sources }, turn)),
  );
  const said = found.flatMap((why, index) => (why === undefined ? [] : [{ ...needs[index]!, why }]));
  const notes = said.filter(({ required }) => !required).map(({ why }) => `${why}; it is not required`);
  return {
    missing: said.filter(({ required }) => required).map(({ why }) => why),
    note: notes.length > 0 ? notes.join('; ') : undefined,
  };
}

/** Polls until the need answers or its time is over; returns the last problem. */
async function waitFor(asked: AskedNeed, turn: Turn): Promise<string | undefined> {
  const { need, service } = asked;
  const began = turn.elapsed();
  const answer = await turn.until<ProbeResult>(every, async () => {
    const result = await askNeed(asked, turn.signal);
    if (result.healthy || turn.elapsed() - began >= need.within) return result;
    turn.say(`waits for ${needText(need)}: ${result.why}`);
    return undefined;
  });
  if (answer.healthy) return undefined;
  return `${service} needs ${needText(need)}: ${answer.why}, for ${formatDuration(need.within)}`;
}
