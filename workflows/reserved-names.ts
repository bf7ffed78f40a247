import type { WorkflowInterceptors } from '@temporalio/workflow';

/** What the SDK keeps to itself. */
const reserved = '__temporal_';

/**
 * The SDK throws for signals and updates of such names before any handler sees them, and the workflow would go on no more.
 * With a space before it, a name is unknown as any other.
 */
export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      activate(input, next) {
        for (const { signalWorkflow, doUpdate } of input.activation.jobs ?? []) {
          if (signalWorkflow?.signalName?.startsWith(reserved))
            signalWorkflow.signalName = ` ${signalWorkflow.signalName}`;
          if (doUpdate?.name?.startsWith(reserved)) doUpdate.name = ` ${doUpdate.name}`;
        }
        next(input);
      },
    },
  ],
});
