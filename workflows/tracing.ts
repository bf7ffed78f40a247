import {
  OpenTelemetryInboundInterceptor,
  OpenTelemetryOutboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/workflow';
import type { WorkflowInterceptors } from '@temporalio/workflow';

/**
 * Spans of a workflow and of the activities that it starts. No others: one around an update would change the order in which a
 * workflow goes on, and a release that began without traces could not go on with them.
 */
export function interceptors(): WorkflowInterceptors {
  const inbound = new OpenTelemetryInboundInterceptor();
  const outbound = new OpenTelemetryOutboundInterceptor();
  return {
    inbound: [{ execute: (input, next) => inbound.execute(input, next) }],
    outbound: [{ scheduleActivity: (input, next) => outbound.scheduleActivity(input, next) }],
  };
}
