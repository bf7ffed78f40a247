import { getExternalWorkflowHandle, patched, workflowInfo } from '@temporalio/workflow';
import type { Control } from './control';
import { called, queued } from './messages';

/** Asks the workflow that holds a service to call this one at its end. Looks at intervals go on in any case. */
export async function lineUp(holder: string): Promise<void> {
  // Releases that began to queue before there was a line replay as they ran.
  if (!patched('queued-in-line')) return;
  await tell(holder, (handle) => handle.signal(queued, { workflow: workflowInfo().workflowId }));
}

/** True if the workflow that holds a service still runs, and so will call this one at its end. */
export async function willCall(holder: string): Promise<boolean> {
  // Releases that began to queue before this question replay as they ran.
  if (!patched('holder-asked')) return false;
  return await tell(holder, (handle) => handle.signal(queued, { workflow: workflowInfo().workflowId }));
}

/** At the end of this workflow, calls the first that waits for it, and hands the line over. */
export async function callNext({ line }: Pick<Control, 'line'>): Promise<void> {
  /** Those who were called, or stand behind one who was: they may ask once more meanwhile. */
  const handedOver = new Set<string>();
  while (line.length > 0) {
    const [first, ...behind] = line.splice(0).filter((one) => !handedOver.has(one));
    if (first === undefined) continue;
    if (await tell(first, (handle) => handle.signal(called, { behind })))
      for (const one of [first, ...behind]) handedOver.add(one);
    // It has ended meanwhile.
    else line.unshift(...behind);
  }
}

async function tell(
  workflowId: string,
  message: (handle: ReturnType<typeof getExternalWorkflowHandle>) => Promise<void>,
): Promise<boolean> {
  return await message(getExternalWorkflowHandle(workflowId)).then(
    () => true,
    () => false,
  );
}
