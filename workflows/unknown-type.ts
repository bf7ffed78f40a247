import { type WorkflowInterceptors, workflowInfo } from '@temporalio/workflow';
import { unknownKind, workflowTypes } from '../src/model/messages';
import { plainFailure } from './ending';

/** Ends a workflow of an unknown type at once. Throws the known types. */
export async function unknownType(..._given: unknown[]): Promise<never> {
  throw plainFailure({ type: 'input-invalid', message: unknownKind(workflowInfo().workflowType) });
}

/** The SDK would start any function of the exports object as a workflow, even `toString`. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [{ execute: (input, next) => (isKnown(workflowInfo().workflowType) ? next(input) : unknownType()) }],
});

const isKnown = (name: string): boolean => workflowTypes.includes(name);
