import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Deps } from '../../activities';
import { connectOptions } from '../client/connect';
import { hostsWithWorkers } from '../client/hosts';
import { dockerEndpoint } from '../docker-endpoint';
import { createEffects, type EffectHooks } from '../hosts/effects';
import { hostPaths } from '../hosts/home';
import { createLedger } from '../hosts/ledger';
import { withLock } from '../hosts/lock';
import { kernelRedirects } from '../hosts/redirect';
import { refuseNew } from '../hosts/refuse-new';
import { createMasker } from '../hosts/secrets';
import type { Front } from '../model/desired';
import { probe } from '../probes';
import { adapterOf } from '../proxies';
import { dismissFront, ensureFront, frontContainers, leavingSince, removeFront } from '../proxies/haproxy/managed';
import { proxyTag } from '../proxies/image-tags';
import { drillsOf, forOnePlan, runtimesOf } from '../runtimes';
import { dockerRuntime } from '../runtimes/docker';
import { dockerContainers } from '../runtimes/docker/containers';
import type { Engine } from '../runtimes/docker/engine';
import { dockerSandboxes } from '../runtimes/docker/sandbox';
import { commandLine } from './command-line';
import type { WorkerConfig } from './config';
import { isOpen, phaseOf } from './is-open';
import { startedAt } from './started-at';

/** Creates the activities' real dependencies. */
export async function createDeps({
  config,
  client,
  hooks,
  engine = dockerRuntime(),
}: {
  config: WorkerConfig;
  client: Client;
  hooks?: EffectHooks;
  engine?: Engine;
}): Promise<Deps> {
  const { home, host, specs } = config;
  const { clusterId } = await client.workflowService.getClusterInfo({});
  const { namespace } = client.options;
  const masker = createMasker();
  const world = { engine, home, masker };
  const sandboxes = dockerSandboxes();
  const lock = <T>(name: string, act: () => Promise<T>) =>
    withLock({ file: hostPaths(home).proxyLock(fileName(name)) }, act);
  const endpoint = dockerEndpoint();
  const refuseIfAllowed: Deps['refuseNew'] = async (network, duration) =>
    config.redirect ? await refuseNew(network, duration) : undefined;
  const request = ({ platform, front: { proxy, image, routes } }: { platform: string; front: Front }) => {
    const tag = proxyTag(platform, proxy, image);
    return { engine: sandboxes, lock, home, platform, name: proxy, image: tag, routes };
  };
  return {
    home,
    host,
    specs,
    runtimeOf: runtimesOf(world),
    engine,
    containers: dockerContainers(),
    drillsOf: drillsOf(world),
    forOnePlan: () => forOnePlan(world),
    endpoint,
    effects: createEffects({ home, hooks }),
    ledger: createLedger({ home }),
    proxyOf: (spec) => adapterOf(spec, { lock, home }),
    fronts: {
      ensure: ({ phase, drain, ...asked }) => ensureFront({ ...request(asked), drainFor: drain, phase }),
      dismiss: (asked) => dismissFront({ ...request(asked), refuseNew: refuseIfAllowed }),
      leavingSince: ({ platform, proxy, service }) =>
        leavingSince({ engine: sandboxes, home, platform, name: proxy, service }),
      containers: ({ platform, proxy, service }) =>
        frontContainers({ engine: sandboxes, home, platform, name: proxy, service }),
      remove: ({ proxy: name, ...asked }) => removeFront({ engine: sandboxes, lock, home, name, ...asked }),
      redirects: kernelRedirects({ allowed: config.redirect && endpoint.host.startsWith('unix:') }),
    },
    refuseNew: refuseIfAllowed,
    probe,
    commandLine,
    masker,
    temporal: {
      address: connectOptions().address,
      namespace,
      cluster: clusterId ?? '',
      hosts: () => hostsWithWorkers(client),
      isOpen: (owner) => isOpen(client, owner),
      phaseOf: (workflowId) => phaseOf(client, workflowId),
      startedAt: (run, activityId) => startedAt(client, run, activityId),
      // Progress is for people only: a failed report does not fail the step.
      report: ({ workflowId, runId }, progress) =>
        client.workflow
          .getHandle(workflowId, runId)
          .signal('progress', progress)
          .then(
            () => true,
            () => false,
          ),
    },
  };
}

/** A lock's name contains the path of a socket, which cannot name a file. */
const fileName = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 16);
