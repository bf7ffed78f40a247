import { type WorkflowInterceptors, workflowInfo } from '@temporalio/workflow';
import { unknownKind, workflowTypes } from '../src/model/messages';
import { told } from './ending';

/** Whatever is started under a name that is no workflow's: it ends at once, and says which there are. */
export async function unknownType(..._given: unknown[]): Promise<never> {
  throw told({ type: 'input-invalid', message: unknownKind(workflowInfo().workflowType) });
}

/** The SDK takes for a workflow whatever function an object has: `toString` is one. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [{ execute: (input, next) => (isKnown(workflowInfo().workflowType) ? next(input) : unknownType()) }],
});

const isKnown = (name: string): boolean => workflowTypes.includes(name);
