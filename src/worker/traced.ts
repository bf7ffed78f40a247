import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';
import type { Tracing } from '../client/tracing';

const library = () =>
  require('@temporalio/interceptors-opentelemetry') as typeof import('@temporalio/interceptors-opentelemetry');

/** Adds a span for each try of a step; its log lines carry the ids. */
export function tracedActivities(): ActivityInterceptorsFactory {
  const { OpenTelemetryActivityInboundInterceptor, OpenTelemetryActivityOutboundInterceptor } = library();
  return (context) => ({
    inbound: new OpenTelemetryActivityInboundInterceptor(context),
    outbound: new OpenTelemetryActivityOutboundInterceptor(context),
  });
}

/** Takes the spans of workflows out of their sandbox. */
export function tracedSinks({ processor, resource }: Tracing): NonNullable<WorkerOptions['sinks']> {
  const { makeWorkflowExporter } = library();
  return { exporter: makeWorkflowExporter(processor, resource) };
}
