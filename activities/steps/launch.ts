import type { Deps, StepInput, StepResult } from '../../src/host';
import { endStop, isStopping } from '../../src/hosts/stops';
import type { LaunchStep } from '../../src/model/plan';
import { placesOf, proxiesOf, slotsOf } from '../../src/observe/proxies';
import type { InstanceRequest, Runtime, Template } from '../../src/runtimes/runtime';
import { askToStop, untilEnded } from './stopping';
import { templateOf } from './template';
import { type Turn, takeTurn } from './turn';

/** Ensures that an instance of the revision runs, out of traffic: created from the ledger, or adopted if it exists. */
export const launch =
  (deps: Deps) =>
  (input: StepInput<LaunchStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { step } = input;
      const { name, revision } = step.instance;
      const runtime = await turn.runtimeAt(revision);
      const request = await creation(runtime, input, turn);
      if (await isStopping(deps, name)) await letItStop(deps, step, turn);
      if (input.round > 1) await leaveServers(deps, input, turn);
      await turn.effect('launch.create', () => runtime.create({ name, ...request }));
      await turn.effect('launch.start', () => runtime.start(name, turn.signal));
      if (step.stage) await stage(deps, input, turn);
      return {};
    });

/** Takes the servers of an instance out that somebody has removed: a new one gets no request before its probe. */
async function leaveServers(deps: Deps, input: StepInput<LaunchStep>, turn: Turn): Promise<void> {
  const { instance } = input.step;
  if (await turn.find(instance)) return;
  for (const { proxy, slot, server } of await placesOf(proxiesOf(deps, input), instance)) {
    if (server.state === 'ready') await turn.effect('drain.remove', () => proxy.remove(slot));
  }
}

/**
 * Points the instance's servers at its address, out of traffic, so that the proxy's checks begin while it gets ready.
 * The start comes first: a check before the network is up hangs for a second. With sticky clients this waits for the
 * swap: the proxy would send their requests before the probe.
 */
async function stage(deps: Deps, input: StepInput<LaunchStep>, turn: Turn): Promise<void> {
  for (const { proxy, slot, address } of await slotsOf(proxiesOf(deps, input), input.step.instance)) {
    if (await proxy.isSticky(slot.backend)) continue;
    await turn.effect('launch.stage', () => proxy.stage(slot, address));
  }
}

/** Returns the configuration that the ledger keeps. Throws `revision-unknown`. */
async function creation(
  runtime: Runtime,
  { step, source }: StepInput<LaunchStep>,
  { ledger, token }: Turn,
): Promise<{ template: Template; instance?: InstanceRequest }> {
  const { name, number, revision, ports, uncounted } = step.instance;
  const kept = await ledger.revision(revision);
  const started = revision === 0 && kept?.snapshots?.[name];
  if (started) return { template: started };
  const template = templateOf(token, revision, kept);
  const { platform, service, owner } = token;
  const { fingerprint } = step;
  return {
    template,
    instance: {
      identity: { platform, service, revision, instance: number!, fingerprint, release: owner.workflowId },
      ports,
      labels: await runtime.sources.labels?.({ ...kept!, source, run: owner.runId }),
      uncounted,
    },
  };
}

/** An instance that is already stopping cannot serve again: it ends first, and a new one takes its name. */
async function letItStop(deps: Deps, { instance }: LaunchStep, turn: Turn): Promise<void> {
  const { name, revision } = instance;
  const runtime = await turn.runtimeAt(revision);
  const found = await turn.find(instance);
  if (found) {
    const { signal, grace } = (await turn.ledger.revision(revision))!.desired.stop;
    const askedAt = await askToStop(deps, turn, { runtime, found, signal, grace });
    await untilEnded(turn, {
      instance,
      left: () => grace - (Date.now() - askedAt),
      words: () => 'waits for the former instance to stop',
    });
  }
  await turn.effect('retire.remove', () => runtime.remove(name));
  await endStop(deps, name);
}
