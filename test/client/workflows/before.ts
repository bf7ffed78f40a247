import { defineQuery, setHandler, sleep } from '@temporalio/workflow';

/** The code of one build: it sleeps. */
export async function release(): Promise<void> {
  setHandler(defineQuery('changes'), () => ({ upTo: 1, planned: 0, status: {}, steps: {} }));
  await sleep('1 hour');
}
