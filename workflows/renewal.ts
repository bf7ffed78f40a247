import { patched, sleep, workflowInfo } from '@temporalio/workflow';
import type { Step } from '../src/model/plan';
import { isWatch } from '../src/model/steps';

/** True if Temporal asks for a new history. */
export const isLong = (): boolean => workflowInfo().continueAsNewSuggested;

/** False for releases that grew this long before renewal existed. They keep their run. */
export const mayRenew = (): boolean => patched('renewed');

/** Milliseconds for short steps to finish. */
const longest = 5_000;
const patient: Step['kind'][] = ['approve', 'soak', 'drain'];

/** The moment before a run ends, in which no new step starts. */
export interface Grace {
  /** True if the next run has to continue the steps that still run. */
  isOver(running: Step[]): boolean;
}

/**
 * Returns a grace period, not yet begun.
 * @param onOver is called when its time is over.
 */
export function createGrace(onOver: () => void): Grace {
  let time: 'whole' | 'running' | 'over' = 'whole';
  const isShort = (step: Step) => !isWatch(step) && !patient.includes(step.kind);
  return {
    isOver(running) {
      if (time === 'over' || !running.some(isShort)) return true;
      if (time === 'whole') void countDown();
      return false;
    },
  };

  async function countDown(): Promise<void> {
    time = 'running';
    await sleep(longest, { summary: 'until the next run of this workflow' });
    time = 'over';
    onOver();
  }
}
