import { setCurrentDetails } from '@temporalio/workflow';
import type { ReleaseStatus } from '../src/model/status';
import { isFault } from './failures';
import { markdown } from './markdown';

/** Most steps of a plan whose page is drawn within a millisecond. A replay draws every page again. */
const short = 500;
/** Milliseconds between two pages of a longer plan. */
const pause = 1_000;

/**
 * Returns a function that shows a release in the Temporal Web UI. It draws once for many changes at the same moment. A
 * long plan's progress is drawn each second, and its waits at once.
 */
export function createPage(): (status: ReleaseStatus) => void {
  let due = false;
  let last = { at: 0, state: '' };
  return (status) => {
    if (due) return;
    due = true;
    void Promise.resolve().then(() => {
      due = false;
      const now = { at: Date.now(), state: stateOf(status) };
      const isLong = (status.plan?.steps.length ?? 0) > short;
      if (isLong && now.state === last.state && now.at - last.at < pause) return;
      last = now;
      draw(status);
    });
  };
}

const stateOf = ({ phase, paused, outcome, waiting, heard }: ReleaseStatus): string =>
  [phase, paused, outcome, waiting.length, heard.at(-1)?.at].join();

/** A page that cannot be drawn must not stop a release. */
function draw(status: ReleaseStatus): void {
  try {
    setCurrentDetails(markdown(status));
  } catch (error) {
    if (!isFault(error)) throw error;
  }
}
