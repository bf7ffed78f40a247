import { BelayError } from '../../src/errors';
import type { StepInput, StepResult } from '../../src/host';
import type { Listening } from '../../src/model/listening';
import type { AskedVersion, ValidateStep } from '../../src/model/plan';
import { checkHttp } from '../../src/probes/http';
import { formatDuration } from '../../src/spec/duration';
import type { Turn } from './turn';

/** Longest milliseconds until every answer tells the new version. */
const patience = 10_000;
const every = 500;
const timeout = 2_000;
/** The first answers that tell no version, after which the address is taken for one that tells none. */
const mute = 3;

/** Number of answers by the version that they tell; those without one by the reason. */
type Tally = Map<string, number>;

/**
 * Asks through each proxy for the version. Throws `smoke-failed` with the versions that answers told. An address whose
 * answers tell none proves nothing, and the result says so.
 */
export async function askThrough({ step }: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const asked = step.asked!;
  const notes: string[] = [];
  for (const front of asked.fronts) notes.push(await askFront(asked, front, turn));
  return { note: notes.join('; ') };
}

async function askFront(asked: AskedVersion, front: Listening, turn: Turn): Promise<string> {
  return await turn.until(every, async () => {
    const { tally, end } = await series(asked, front, turn);
    const told = `${front.host}:${front.port}: ${tallyText(tally)}`;
    if (end === 'mute') return `${told}; that tells no version, and proves nothing`;
    if (end === 'right') return told;
    turn.say(told);
    if (asked.every && turn.elapsed() < patience) return undefined;
    throw wrong(asked, told);
  });
}

/** Makes the requests, each on a connection of its own; ends with the first answer that decides. */
async function series({ version, count, every: isEvery }: AskedVersion, front: Listening, turn: Turn) {
  const { http: path, told } = version;
  const { host, port } = front;
  const tally: Tally = new Map();
  let isTold = false;
  for (let made = 1; made <= count; made += 1) {
    const result = await checkHttp({ host, port, path, told, status: 200, timeout, signal: turn.signal });
    const said = result.healthy ? told.version : (result.told ?? result.why);
    tally.set(said, (tally.get(said) ?? 0) + 1);
    isTold ||= result.healthy || result.told !== undefined;
    if (result.healthy && !isEvery) return { tally, end: 'right' as const };
    if (!isTold && made === mute) return { tally, end: 'mute' as const };
  }
  const isRight = isEvery && tally.get(told.version) === count;
  return { tally, end: isRight ? ('right' as const) : ('wrong' as const) };
}

function wrong({ every: isEvery, version: { told } }: AskedVersion, answers: string): BelayError {
  const what = isEvery
    ? `not every answer through the proxy tells version ${told.version}, after ${formatDuration(patience)}`
    : `no answer through the proxy tells version ${told.version}`;
  return new BelayError('smoke-failed', `${what}: ${answers}`, {
    hint: 'see which servers the proxy has in this backend, and what else listens at the address',
  });
}

const tallyText = (tally: Tally): string => [...tally].map(([said, times]) => `${times} × ${said}`).join(', ');
