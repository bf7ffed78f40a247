import type { WorkflowInterceptors } from '@temporalio/workflow';

/** Prefix of names that the SDK reserves. */
const reserved = '__temporal_';

/**
 * Renames signals and updates with reserved names. The SDK would throw on them before any handler runs, and the
 * workflow would stop. With a space in front, each is an ordinary unknown name.
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
