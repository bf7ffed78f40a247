import type { WorkflowClientInterceptor } from '@temporalio/client';

/** Creates the spans of a process, and sends them. */
export interface Tracing {
  /** Interceptors of a client: a span for each start, signal, update and query. */
  interceptors: WorkflowClientInterceptor[];
  processor: import('@opentelemetry/sdk-trace-node').SpanProcessor;
  resource: import('@opentelemetry/resources').Resource;
  /** Sends pending spans; an endpoint that does not answer delays the end by some seconds at most. */
  flush(): Promise<void>;
}

const patience = 3_000;
let started: Tracing | undefined;

/**
 * Returns traces of this process, by OTLP over HTTP to OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_ENDPOINT).
 * OpenTelemetry's other variables apply. Returns undefined if neither is set; the libraries are loaded only if one is.
 */
export function tracing(env: NodeJS.ProcessEnv, service: 'belay' | 'belay-worker'): Tracing | undefined {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT && !env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return undefined;
  started ??= start(env, service);
  return started;
}

function start(env: NodeJS.ProcessEnv, service: string): Tracing {
  const { NodeTracerProvider, BatchSpanProcessor } =
    require('@opentelemetry/sdk-trace-node') as typeof import('@opentelemetry/sdk-trace-node');
  const { Resource, envDetectorSync, detectResourcesSync } =
    require('@opentelemetry/resources') as typeof import('@opentelemetry/resources');
  const { OTLPTraceExporter } =
    require('@opentelemetry/exporter-trace-otlp-http') as typeof import('@opentelemetry/exporter-trace-otlp-http');
  const { OpenTelemetryWorkflowClientInterceptor } =
    require('@temporalio/interceptors-opentelemetry') as typeof import('@temporalio/interceptors-opentelemetry');
  const own = { 'service.name': service, ...(env.BELAY_HOST && { 'host.name': env.BELAY_HOST }) };
  const resource = new Resource(own).merge(detectResourcesSync({ detectors: [envDetectorSync] }));
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ timeoutMillis: patience }));
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
  return {
    interceptors: [new OpenTelemetryWorkflowClientInterceptor()],
    processor,
    resource,
    flush: () => processor.forceFlush().catch(() => undefined),
  };
}
