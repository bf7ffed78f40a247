import { patched, sleep, workflowInfo } from '@temporalio/workflow';
import type { Step } from '../src/model/plan';
import { isWatch } from '../src/model/steps';

/** The history is so long that Temporal asks for a new one. */
export const isLong = (): boolean => workflowInfo().continueAsNewSuggested;

/** A release that came to this before there were later runs goes on in the one that it has. */
export const mayRenew = (): boolean => patched('renewed');

/** Milliseconds that short steps have to end by themselves. */
const longest = 5_000;
const patient: Step['kind'][] = ['approve', 'soak', 'drain'];

/** The moment before a run ends in which nothing more is started. */
export interface Breath {
  /** Whether what still runs is to be cut, and begun again in the next run. */
  isOver(running: Step[]): boolean;
}

/** @param onOver is called when the time is over. */
export function createBreath(onOver: () => void): Breath {
  let time: 'whole' | 'running' | 'over' = 'whole';
  const isShort = (step: Step) => !isWatch(step) && !patient.includes(step.kind);
  return {
    isOver(running) {
      if (time === 'over' || !running.some(isShort)) return true;
      if (time === 'whole') void pass();
      return false;
    },
  };

  async function pass(): Promise<void> {
    time = 'running';
    await sleep(longest, { summary: 'until the next run of this workflow' });
    time = 'over';
    onOver();
  }
}
