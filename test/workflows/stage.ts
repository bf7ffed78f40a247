import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  CancelledFailure,
  type Client,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { dynamicConfigArguments } from '../../src/cli/serve/arguments';
import type { Message } from '../../src/model/messages';
import { type Carried, unpacked } from '../../src/model/packed';
import type { Plan } from '../../src/model/plan';
import type { Outcome, ReleaseResult, ReleaseStatus, Said } from '../../src/model/status';
import { registerSearchAttributes, searchAttributes } from '../../src/worker/search-attributes';
import { fromSetup } from '../../testbed/root';
import { waitFor } from '../../testbed/wait';
import { bundle } from './bundle';
import { createScript, fakeActivities, type Script } from './script';

/** A Temporal server and workers whose hosts are scripts. */
export interface Stage {
  client: Client;
  /** The server's host:port. */
  address: string;
  /** Time passes at once where it is skipped; on the dev server it passes as it does. */
  sleep(milliseconds: number): Promise<void>;
  /** Starts a workflow for a script, and says `first` to it before any worker has seen it. */
  play(script: Script | Plan, options?: PlayOptions): Promise<Play>;
  /** Starts the worker of one more host than `h`; answers with what stops it. */
  host(name: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface StageOptions {
  /** `skipping`: a server that skips time where nothing but timers is left. */
  time?: 'real' | 'skipping';
  /** 0: every workflow task replays the whole history. */
  maxCachedWorkflows?: number;
  /** Events of a history after which Temporal asks for a new one; its own many where absent. */
  longestHistory?: number;
  /** The script of workflows that the stage has not started itself. */
  others?: Script | (() => Script);
}

export interface PlayOptions {
  /** A workflow's type; there may be none of that name. */
  kind?: string;
  /** Beside the platform. */
  input?: Record<string, unknown>;
  /** In place of the one input. */
  args?: unknown[];
  /** Search attributes that it starts with. */
  labels?: Record<string, string[]>;
  /** Signals sent while no worker runs yet. */
  first?: Array<[Message, Said?]>;
}

/** One workflow and the script it plays by. */
export interface Play {
  handle: WorkflowHandle;
  script: Script;
  signal(message: Message | 'progress', said?: unknown): Promise<void>;
  /** Answers what the workflow made of it. */
  update(message: Message, said?: unknown): Promise<string>;
  status(): Promise<ReleaseStatus>;
  /** Asks for the status until it is as expected. */
  until(what: string, condition: (status: ReleaseStatus) => boolean): Promise<ReleaseStatus>;
  /** Waits for the end, whichever it is. */
  end(): Promise<End>;
  /** Returns the number of events in its history, without those that only schedule the workflow's code. */
  events(): Promise<number>;
}

export interface End {
  /** The workflow's end as Temporal shows it. */
  closed: 'completed' | 'failed' | 'cancelled';
  /** Type of the failure. */
  type?: string;
  outcome?: Outcome;
  result?: ReleaseResult;
}

/** Further fields of a retirement's input. */
const warmSet = { service: 'api', revision: 2, instances: [], after: 0 };

export const quiet = new DefaultLogger('ERROR');

/** Limits the SDK's own log to errors. */
export function silence(): void {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger: quiet, telemetryOptions: { logging: { filter } } });
}

export async function createStage({
  time = 'real',
  maxCachedWorkflows = 100,
  longestHistory,
  others,
}: StageOptions = {}): Promise<Stage> {
  silence();
  const [env, workflowBundle] = await Promise.all([
    time === 'real' ? devServer(longestHistory) : skippingServer(),
    bundle(),
  ]);
  const scripts = new Map<string, Script>();
  const acting = new Set<Script>();
  const { plans, steps } = fakeActivities((workflowId) => {
    const script = (scripts.get(workflowId) ?? (typeof others === 'function' ? others() : others))!;
    acting.add(script);
    return script;
  });
  const common = {
    connection: env.nativeConnection,
    identity: 'stage@h',
    maxHeartbeatThrottleInterval: '100ms',
    defaultHeartbeatThrottleInterval: '100ms',
  };
  const hosts: Array<{ worker: Worker; running: Promise<void> }> = [];
  // With a connection of its own, as a worker's process has.
  const startHost = async (name: string) => {
    const connection = await NativeConnection.connect({ address: env.address });
    const worker = await Worker.create({
      ...common,
      connection,
      identity: `stage@${name}`,
      taskQueue: `belay-host-${name}`,
      activities: { ...plans, ...steps },
      shutdownGraceTime: '100ms',
      shutdownForceTime: '2s',
    });
    const running = worker.run().finally(() => connection.close());
    const host = { worker, running };
    hosts.push(host);
    return async () => {
      hosts.splice(hosts.indexOf(host), 1);
      worker.shutdown();
      await running;
    };
  };
  const createDriver = () =>
    Worker.create({ ...common, taskQueue: 'belay', workflowBundle, activities: plans, maxCachedWorkflows });
  await startHost('h');
  let driver = await createDriver();
  let driving = driver.run();

  return {
    client: env.client,
    address: env.address,
    sleep: (milliseconds) => env.sleep(milliseconds),
    async play(given, { kind = 'release', input = {}, args: others, labels, first = [] } = {}) {
      const script = 'steps' in given ? createScript(given) : given;
      const workflowId = `${kind}/shop/${randomUUID()}`;
      scripts.set(workflowId, script);
      if (first.length > 0) await stopDriver();
      const more = kind === 'retire' ? warmSet : {};
      const args = others ?? [{ platform: 'shop', by: 'eve', reason: 'new version', ...more, ...input }];
      const handle = await env.client.workflow.start(kind, {
        workflowId,
        taskQueue: 'belay',
        args,
        searchAttributes: labels,
      });
      for (const [message, said] of first) await handle.signal(message, said);
      if (first.length > 0) await startDriver();
      return createPlay(handle, script);
    },
    host: startHost,
    async close() {
      for (const script of acting) script.releaseAll();
      await stopDriver();
      for (const { worker } of hosts) worker.shutdown();
      await Promise.all(hosts.map(({ running }) => running));
      await env.teardown();
    },
  };

  async function stopDriver(): Promise<void> {
    driver.shutdown();
    await driving;
  }

  async function startDriver(): Promise<void> {
    driver = await createDriver();
    driving = driver.run();
  }
}

export async function devServer(longestHistory?: number): Promise<TestWorkflowEnvironment> {
  const long = longestHistory && [
    '--dynamic-config-value',
    `limit.historyCount.suggestContinueAsNew=${longestHistory}`,
  ];
  const executable = { type: 'existing-path' as const, path: fromSetup('.tools', 'bin', 'temporal') };
  const env = await TestWorkflowEnvironment.createLocal({
    server: {
      executable,
      extraArgs: [...dynamicConfigArguments, ...(long || [])],
      log: { format: 'pretty', level: 'error' },
    },
    client: { identity: 'stage' },
  });
  await registerSearchAttributes(env.client);
  return env;
}

/** Takes search attributes, but cannot list them. */
async function skippingServer(): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path' as const, path: fromSetup('.tools', 'bin', 'temporal-test-server') };
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable },
    client: { identity: 'stage' },
  });
  await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  return env;
}

function createPlay(handle: WorkflowHandle, script: Script): Play {
  const status = () => handle.query<Carried<ReleaseStatus>>('status').then(unpacked);
  return {
    handle,
    script,
    signal: async (message, said) => await handle.signal(message, said),
    update: async (message, said) => await handle.executeUpdate<string, [unknown]>(message, { args: [said] }),
    status,
    async until(what, condition) {
      let last: ReleaseStatus | undefined;
      const isMet = async () => {
        last = await status();
        return condition(last);
      };
      await waitFor({ what, until: isMet, every: 30, within: 20_000 }).catch((error: Error) => {
        throw new Error(`${error.message}; ${summary(last)}`, { cause: error });
      });
      return last!;
    },
    end: () => handle.result().then(completed, failed),
    events: async () => ((await handle.fetchHistory()).events ?? []).filter((event) => !isTask(event)).length,
  };
}

function summary(status: ReleaseStatus | undefined): string {
  const steps = Object.entries(status?.steps ?? {}).map(([id, { state }]) => `${id}: ${state}`);
  return `${status?.phase}, ${status?.waiting.map((one) => one.text).join('; ')}, ${steps.join(', ')}`;
}

const completed = (result: ReleaseResult): End => ({ closed: 'completed', outcome: result.outcome, result });

function failed(error: unknown): End {
  const cause = error instanceof WorkflowFailedError ? error.cause : error;
  if (cause instanceof CancelledFailure) return { closed: 'cancelled' };
  if (!(cause instanceof Error)) throw error;
  const failure = cause instanceof ApplicationFailure ? cause : undefined;
  const result = failure?.details?.[0] as ReleaseResult | undefined;
  return { closed: 'failed', type: failure?.type ?? undefined, outcome: result?.outcome, result };
}

const isTask = (event: object): boolean =>
  Object.entries(event).some(([key, value]) => value && /^workflowTask\w+EventAttributes$/.test(key));
