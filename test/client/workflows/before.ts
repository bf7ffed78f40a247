import { defineQuery, setHandler, sleep } from '@temporalio/workflow';

/** The code of one build: it sleeps. */
export async function release(): Promise<void> {
  setHandler(defineQuery('status'), () => ({ steps: {} }));
  await sleep('1 hour');
}
