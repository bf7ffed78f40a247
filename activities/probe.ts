import { BelayError } from '../src/errors';
import { portOf } from '../src/probes';
import type { ProbeResult, ProbeTarget } from '../src/probes/probe';
import type { RuntimeInstance } from '../src/runtimes/runtime';
import type { InstanceRef, ProbeStep } from '../src/spec/plan';
import type { Deps, StepInput, StepResult } from './deps';
import { type Turn, takeTurn } from './turn';

const tailLines = 12;

/** Where the spec gives no check, and the service has routes. */
const patience = { every: 500, timeout: 2_000, healthy: 1, within: 60_000, grace: 0 };

/**
 * The instance was ready `healthy` times in a row, asked at its own address, and accepts connections at the ports of its
 * routes. One that exits fails at once; failures count against `within` once the grace is over.
 */
export const probe =
  (deps: Deps) =>
  (input: StepInput<ProbeStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { instance, check, ports = [], of } = input.step;
      const { every, healthy, within, grace } = check ?? patience;
      if (!check && ports.length === 0) {
        await running(deps, turn, instance, of);
        return { note: 'running; no readiness check is given' };
      }
      let successes = 0;
      let last: ProbeResult | undefined;
      let first: RuntimeInstance | undefined;
      return await turn.until(every, async () => {
        const found = await running(deps, turn, instance, of);
        first ??= found;
        if (found.startedAt !== first.startedAt)
          throw await exited(deps, instance.name, await restarted(deps, instance.name));
        last = await ask(deps, input.step, { found, signal: turn.signal });
        successes = last.healthy ? successes + 1 : 0;
        turn.say(last.healthy ? `${successes} of ${healthy} in a row` : last.why);
        if (successes >= healthy) return { note: `ready after ${(turn.elapsed() / 1000).toFixed(1)} s` };
        if (turn.elapsed() > grace + within) throw await notReady(deps, { instance, within, last });
        return undefined;
      });
    });

/** The check, and then every port that it says nothing of. */
async function ask(
  { probe }: Deps,
  { check, ports = [], direct }: ProbeStep,
  { found, signal }: { found: RuntimeInstance; signal: AbortSignal },
): Promise<ProbeResult> {
  const asked = check && (await probe({ ...targetOf(found, portOf(check), direct), check, signal }));
  if (asked && !asked.healthy) return asked;
  // Compose may have published others, or none.
  const open = ports.filter((port) => found.ports[port] !== undefined || found.address !== undefined);
  for (const port of open) {
    const target = targetOf(found, port, direct);
    const result = await probe({ ...target, check: { ...patience, ...check, ...justTcp(port) }, signal });
    if (!result.healthy) return { ...result, why: `port ${port}, to which a route leads: ${result.why}` };
  }
  return { healthy: true };
}

/** At its port of this host; or past it, as what Compose has started may have to be asked, where the engine shows an address. */
export function targetOf(found: RuntimeInstance, port?: number, direct?: true): Pick<ProbeTarget, 'instance' | 'host'> {
  const { address, ports } = found;
  if (address === undefined || port === undefined || (!direct && ports[port] !== undefined)) return { instance: found };
  return { instance: { ...found, ports: { [port]: port } }, host: address };
}

const justTcp = (tcp: number) => ({ tcp, http: undefined, grpc: undefined, docker: undefined, status: 200 });

/** Throws `instance-exited` with exit code and the masked end of the log. */
export async function running(deps: Deps, { find }: Turn, ref: InstanceRef, of?: string): Promise<RuntimeInstance> {
  const found = await find(ref, of);
  if (found?.state === 'running') return found;
  throw await exited(deps, ref.name, found ? `exited with code ${found.exitCode ?? 'unknown'}` : 'is gone');
}

async function restarted({ runtime }: Deps, name: string): Promise<string> {
  const code = await runtime.lastExit(name).catch(() => undefined);
  return `exited with code ${code ?? 'unknown'}, and the engine started it again`;
}

async function exited(deps: Deps, name: string, how: string): Promise<BelayError> {
  const tail = await logTail(deps, name);
  return new BelayError('instance-exited', `${name} ${how}${tail}`, {
    hint: `the whole log: docker logs ${name}; once it is taken away, logs/${name}.log in Belay's home on the host`,
  });
}

interface Unready {
  instance: InstanceRef;
  /** Milliseconds. */
  within: number;
  last: ProbeResult;
}

async function notReady(deps: Deps, { instance, within, last }: Unready): Promise<BelayError> {
  const why = last.healthy ? 'it did not stay ready' : last.why;
  const tail = await logTail(deps, instance.name);
  return new BelayError('not-ready', `${instance.name} was not ready within ${within / 1000} s: ${why}${tail}`, {
    hint: /answered (30[1278]|400|403|421)/.test(why)
      ? 'a service that answers only to its own name, or only over https, needs them said: health.ready.headers: { host: shop.example.com, x-forwarded-proto: https }'
      : 'look at the readiness check (health.ready), at the ports of the routes, and at what the instance waits for',
  });
}

async function logTail(deps: Deps, name: string): Promise<string> {
  const text = await deps.runtime.logTail(name, tailLines).catch(() => '');
  const masked = deps.masker.mask(text.trim()).slice(-1500);
  return masked ? `; its last lines: ${masked}` : '';
}
