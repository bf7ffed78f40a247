import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { Deps } from '../../activities';
import { type Belay, connectBelay } from '../../src/client';
import type { EffectHooks } from '../../src/hosts/effects';
import type { ReleaseRequest } from '../../src/model/requests';
import type { ReleaseResult } from '../../src/model/status';
import { bundle } from '../workflows/bundle';
import { devServer, silence } from '../workflows/stage';
import { createHost, type Host, type OtherKinds, platform } from './host';
import { createLives, type Lives } from './lives';

/** A Temporal server and the driver of its workflows; hosts come and go. */
export interface Theatre {
  /** A host of its own, with its workers. */
  stage(others?: OtherKinds): Promise<Stage>;
  /** Ends the driver, and starts one of another build: it has no workflow in its memory. */
  upgrade(): Promise<void>;
  close(): Promise<void>;
}

export interface Stage extends Pick<Lives, 'arm' | 'left' | 'beforeNext'> {
  host: Host;
  belay: Belay;
  /** The common fields of every request. */
  where: { platform: string; host: string };
  release(request?: Omit<ReleaseRequest, 'platform'>): Promise<ReleaseResult>;
  /** From now on so many instances have to be in traffic at every effect. */
  watch(serving: number): void;
  /** Moments with too few instances, and requests that reached none. */
  failures: string[];
  close(): Promise<void>;
}

const heartbeats = { maxHeartbeatThrottleInterval: '100ms', defaultHeartbeatThrottleInterval: '100ms' };

export async function openTheatre(): Promise<Theatre> {
  silence();
  const [env, workflowBundle] = await Promise.all([devServer(), bundle()]);
  const { nativeConnection: connection } = env;
  let builds = 0;
  const drive = async () => {
    const buildId = `belay@1.0.0+${++builds}`;
    const driver = await Worker.create({ connection, ...heartbeats, taskQueue: 'belay', workflowBundle, buildId });
    const driving = driver.run();
    return () => {
      driver.shutdown();
      return driving;
    };
  };
  let end = await drive();
  const belay = await connectBelay(env.client);
  let hosts = 0;
  return {
    stage: (others) => setStage({ env, belay, name: `h${++hosts}`, others }),
    async upgrade() {
      await end();
      end = await drive();
    },
    async close() {
      await end();
      await env.teardown();
    },
  };
}

interface Given {
  others?: OtherKinds;
  env: TestWorkflowEnvironment;
  belay: Belay;
  name: string;
}

async function setStage({ env, belay, name, others }: Given): Promise<Stage> {
  const host = createHost(others);
  const temporal = temporalOf(env.client);
  const failures: string[] = [];
  let least: number | undefined;
  const look = async (where: string) => {
    if (least === undefined) return;
    const { serving, lost } = await host.traffic();
    if (serving < least || lost.length > 0) failures.push(`${where}: ${serving} serve, lost: ${lost.join()}`);
  };
  const { activities, ...lives } = createLives(({ before, after }) => {
    const hooks: EffectHooks = {
      before: (id, token) => look(`before ${id} of ${token.step}`).then(() => before?.(id, token)),
      after: (id, token) => look(`after ${id} of ${token.step}`).then(() => after?.(id, token)),
    };
    return { ...host.open({ hooks, temporal }), host: name };
  });
  const { nativeConnection: connection } = env;
  const worker = await Worker.create({ connection, ...heartbeats, taskQueue: `belay-host-${name}`, activities });
  const running = worker.run();
  const where = { platform, host: name };
  return {
    ...lives,
    host,
    belay,
    where,
    failures,
    watch: (serving) => {
      least = serving;
    },
    release: async (request = {}) => await soon((await belay.release({ ...where, ...request })).result()),
    async close() {
      worker.shutdown();
      await running;
      host.remove();
    },
  };
}

const temporalOf = (client: Client): Deps['temporal'] => ({
  address: '127.0.0.1:7233',
  namespace: 'default',
  cluster: 'c',
  hosts: async () => [],
  phaseOf: async () => undefined,
  isOpen: async ({ workflowId, runId }) => {
    const { status } = await client.workflow.getHandle(workflowId, runId).describe();
    return status.name === 'RUNNING' ? 'open' : 'closed';
  },
  startedAt: async () => undefined,
  report: async () => true,
});

/** A release that does not end is told as what it is, and its stage is taken down. */
export const soon = <T>(end: Promise<T>): Promise<T> => {
  const late = new Error('the release has not ended within 75 s');
  return Promise.race([end, wait(75_000, undefined, { ref: false }).then(() => Promise.reject(late))]);
};
