import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import {
  type ActivityInterceptorsFactory,
  NativeConnection,
  Runtime,
  type WorkerOptions as SdkOptions,
  Worker,
} from '@temporalio/worker';
import { createActivities, type Deps } from '../../activities';
import { loggingInterceptor, maskingInterceptor } from '../../activities/interceptors';
import { measuringInterceptor } from '../../activities/measures';
import { connectClient, connectOptions } from '../client/connect';
import { tracing } from '../client/tracing';
import { BelayError } from '../errors';
import type { EffectHooks } from '../hosts/effects';
import { noteWorker } from '../hosts/workers';
import { runtimesHere } from '../revisions/runtimes-in';
import { buildOf } from './build';
import type { WorkerConfig } from './config';
import { beginCounters } from './counters';
import { createDeps } from './deps';
import { keepGauges, type Watched } from './gauges';
import { serveHealth, temporalProblem } from './health';
import { histogramBucketOverrides } from './histograms';
import { createLogger } from './log';
import { registerSearchAttributes } from './search-attributes';
import { runTogether, stopAll } from './together';
import { tracedActivities, tracedSinks } from './traced';

export interface WorkerOptions {
  config: WorkerConfig;
  hooks?: EffectHooks;
  /** Replacements for the engine and the proxies of this host. */
  adapters?: Partial<Pick<Deps, 'engine' | 'proxyOf' | 'probe'>>;
  /** Interceptors beside Belay's own. */
  interceptors?: ActivityInterceptorsFactory[];
}

export interface RunningWorker {
  /** Resolves when the workers have shut down; throws the error of one that failed. */
  run(): Promise<void>;
  /** Activities finish, or are handed over after a grace of 3 s. */
  shutdown(): void;
}

const bundleAt = (name: string): string => join(__dirname, '..', '..', name);

/**
 * Creates a worker for this host: workflows and plans on the task queue `belay`, steps and plans on
 * `belay-host-<host>`. SIGTERM and SIGINT shut it down. Throws `temporal-unreachable`.
 */
export async function startWorker({
  config,
  hooks,
  adapters,
  interceptors = [],
}: WorkerOptions): Promise<RunningWorker> {
  installRuntime(config);
  const traces = tracing(process.env, 'belay-worker');
  const bundle = bundleAt(traces ? 'workflow-bundle-traced.js' : 'workflow-bundle.js');
  if (!existsSync(bundle)) throw new BelayError('unexpected', `${bundle} is missing`, { hint: 'npm run build' });
  const client = await connectClient();
  await registerSearchAttributes(client);
  const deps = { ...(await createDeps({ config, client, hooks, engine: adapters?.engine })), ...adapters };
  const { address, namespace, ...rest } = connectOptions();
  const connection = await NativeConnection.connect({ address, ...rest });
  const activities = createActivities(deps);
  const { plan, planRollback, planRetire, planDrop, planPrune, planBackup, planDrill, planRestore, inspect } =
    activities;
  const common = {
    connection,
    namespace,
    // Clients find the hosts with workers by this identity.
    identity: `${process.pid}@${config.host}`,
    buildId: buildOf(bundle),
    shutdownGraceTime: '3s',
    shutdownForceTime: '30s',
    // Heartbeats show a worker's death within two seconds. They also bring cancellations: the end of a watch, a turn.
    maxHeartbeatThrottleInterval: '100ms',
    defaultHeartbeatThrottleInterval: '100ms',
    interceptors: {
      activity: [
        ...interceptors,
        // Tracing stays outside of the masking, so that its errors are masked.
        ...(traces ? [tracedActivities()] : []),
        () => ({ inbound: maskingInterceptor(deps.masker), outbound: loggingInterceptor() }),
        () => ({ inbound: measuringInterceptor() }),
      ],
    },
    ...(traces && { sinks: tracedSinks(traces) }),
  } satisfies Partial<SdkOptions>;
  const workflows = await Worker.create({
    ...common,
    taskQueue: 'belay',
    workflowBundle: { codePath: bundle },
    activities: { plan, planRollback, planRetire, planDrop, planPrune, planBackup, planDrill, planRestore, inspect },
    // Time that a workflow waits for a dead worker before another one may go on with it.
    stickyQueueScheduleToStartTimeout: '1s',
    maxCachedWorkflows: 50,
  });
  const host = await Worker.create({
    ...common,
    taskQueue: `belay-host-${config.host}`,
    activities,
    // Watches and drains hold a slot for long, and cost nothing while they wait.
    maxConcurrentActivityTaskExecutions: 1_000,
  });
  const workers = [workflows, host];
  const forget = await noteWorker(config.home, {
    address,
    namespace,
    specs: config.specs,
    engine: deps.endpoint.host,
    host: config.host,
  });
  const watching = new AbortController();
  if (config.metricsPort) {
    const watched = watchedBy({ client, deps });
    await beginCounters({ ...watched, ledger: deps.ledger, namespace, host: config.host });
    void keepGauges(watched, watching.signal);
  }
  const examined = { workers, problem: () => temporalProblem(client) };
  const closeHealth = config.healthPort ? await serveHealth(config.healthPort, examined) : async () => undefined;
  return {
    shutdown: () => stopAll(workers),
    async run() {
      try {
        await runTogether(workers);
      } finally {
        watching.abort();
        await forget();
        await closeHealth();
        await connection.close();
        await traces?.flush();
        await client.connection.close();
      }
    },
  };
}

function watchedBy({ client, deps }: { client: Client; deps: Deps }): Watched {
  const { metricMeter: meter, logger } = Runtime.instance();
  return {
    client,
    home: deps.home,
    containers: async () => (await Promise.all((await runtimesHere(deps)).map((one) => one.labelled()))).flat(),
    meter,
    logger,
  };
}

function installRuntime({ logLevel, metricsPort }: WorkerConfig): void {
  Runtime.install({
    logger: createLogger(logLevel),
    telemetryOptions: metricsPort
      ? { metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}`, histogramBucketOverrides } } }
      : {},
  });
}
