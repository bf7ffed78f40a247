import type { SourceFacts } from '../runtime';
import { timespan } from './timespan';

/** systemd's own time for a stop where a unit has none, in milliseconds. */
const usual = 90_000;

/** systemd kills by itself at TimeoutStopSec; Belay waits a little longer before it does, in milliseconds. */
const longer = 2_000;

/** How a unit stops by its texts, of which later ones win. Pure. */
export function unitStop({ unitText, texts }: { unitText?: string; texts: string[] }): SourceFacts['stop'] {
  const all = [...(unitText === undefined ? texts.slice(0, 1) : [unitText]), ...texts.slice(1)].join('\n');
  const last = (name: RegExp) => [...all.matchAll(name)].at(-1)?.[1]?.trim();
  const signal = last(/^KillSignal=(.+)$/gm);
  const time = last(/^Timeout(?:Stop)?Sec=(.+)$/gm);
  const grace = time === undefined ? usual : timespan(/^\d+$/.test(time) ? `${time}s` : time);
  return { signal: signal === undefined ? 'SIGTERM' : signal.replace(/^(?!SIG)/, 'SIG'), grace: grace + longer };
}
