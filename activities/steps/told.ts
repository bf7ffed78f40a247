import { BelayError } from '../../src/errors';
import type { StepInput, StepResult } from '../../src/host';
import type { Listening } from '../../src/model/listening';
import type { AskedVersion, ValidateStep } from '../../src/model/plan';
import { checkHttp } from '../../src/probes/http';
import type { ProbeResult } from '../../src/probes/probe';
import { formatDuration } from '../../src/spec/duration';
import type { Turn } from './turn';

/** Longest milliseconds at one address until a series is right; a slow series is followed by another one anyway. */
const patience = 10_000;
const fewestSeries = 2;
const every = 250;
const timeout = 2_000;
/** The first answers at an address, after which it is taken for one that tells no version. */
const mute = 3;
/** Requests of a series that may fail. Each is made again. */
const mostErrors = 5;

/** Number of answers by the version that they tell; those without one by the reason. */
type Tally = Map<string, number>;

/** The end of a series: `wrong` if answers told other versions, `errors` if too many requests failed. */
type End = 'right' | 'mute' | 'wrong' | 'errors';

/** Answers at one address, over all series and attempts of the step. */
interface Heard {
  /** True once an answer has told a version, or a request has failed: the address is not one that tells none. */
  speaks(): boolean;
  note(result: ProbeResult): void;
  /** Milliseconds since its first request. */
  elapsed(): number;
}

/**
 * Asks through each proxy for the version. Throws `smoke-failed` with the versions that answers told. An address whose
 * answers tell none proves nothing, and the result says so.
 */
export async function askThrough({ step }: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const asked = step.asked!;
  const notes: string[] = [];
  for (const [index, front] of asked.fronts.entries())
    notes.push(await askFront(asked, front, { turn, heard: heardAt(index, turn) }));
  return { note: notes.join('; ') };
}

interface Asking {
  turn: Turn;
  heard: Heard;
}

function heardAt(index: number, { memory, elapsed }: Turn): Heard {
  const [speaks, began] = [`${index} speaks`, `${index} began`];
  memory[began] ??= String(elapsed());
  return {
    speaks: () => memory[speaks] !== undefined,
    note: (result) => {
      if (result.healthy || !result.silent) memory[speaks] = 'yes';
    },
    elapsed: () => elapsed() - Number(memory[began]),
  };
}

async function askFront(asked: AskedVersion, front: Listening, { turn, heard }: Asking): Promise<string> {
  let made = 0;
  return await turn.until(every, async () => {
    const { tally, end } = await series(asked, front, { turn, heard });
    made += 1;
    const told = `${front.host}:${front.port}: ${tallyText(tally)}`;
    if (end === 'mute') return `${told}; that tells no version, and proves nothing`;
    if (end === 'right') return told;
    turn.say(told);
    const isLast = heard.elapsed() >= patience && made >= fewestSeries;
    if (isLast || (end === 'wrong' && !asked.every)) throw wrong(asked, end, told);
    return undefined;
  });
}

/** Makes requests, each on a connection of its own, until so many have told a version or one decides. */
async function series(
  asked: AskedVersion,
  front: Listening,
  { turn, heard }: Asking,
): Promise<{ tally: Tally; end: End }> {
  const { version, count, every: isEvery } = asked;
  const { http: path, told } = version;
  const { host, port } = front;
  const tally: Tally = new Map();
  let [right, others, errors] = [0, 0, 0];
  const end = (): End | undefined => {
    if (right > 0 && !isEvery) return 'right';
    if (!heard.speaks() && errors === mute) return 'mute';
    if (errors > mostErrors) return 'errors';
    if (right + others < count) return undefined;
    return others === 0 ? 'right' : 'wrong';
  };
  for (;;) {
    const result = await checkHttp({ host, port, path, told, status: 200, timeout, signal: turn.signal });
    heard.note(result);
    const said = result.healthy ? told.version : (result.told ?? result.why);
    tally.set(said, (tally.get(said) ?? 0) + 1);
    if (result.healthy) right += 1;
    else if (result.told !== undefined) others += 1;
    else errors += 1;
    const reached = end();
    if (reached) return { tally, end: reached };
  }
}

function wrong({ every: isEvery, version: { told } }: AskedVersion, end: End, answers: string): BelayError {
  const time = formatDuration(patience);
  const words = {
    errors: `too many requests through the proxy fail, which ask for version ${told.version}, after ${time}`,
    wrong: isEvery
      ? `not every answer through the proxy tells version ${told.version}, after ${time}`
      : `no answer through the proxy tells version ${told.version}`,
  };
  return new BelayError('smoke-failed', `${end === 'errors' ? words.errors : words.wrong}: ${answers}`, {
    hint: 'see which servers the proxy has in this backend, and what else listens at the address',
  });
}

const tallyText = (tally: Tally): string => [...tally].map(([said, times]) => `${times} × ${said}`).join(', ');
