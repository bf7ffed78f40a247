import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { DesiredCheck } from '../../src/model/desired';
import { neverStarted } from '../../src/model/observed';
import type { InstanceRef, ProbeStep } from '../../src/model/plan';
import { anyPathNote } from '../../src/probes/any-path';
import { lastLine } from '../../src/probes/last-line';
import type { ProbeResult, ProbeTarget } from '../../src/probes/probe';
import { targetOf } from '../../src/probes/target';
import type { Runtime, RuntimeInstance } from '../../src/runtimes/runtime';
import { askedPort } from '../../src/spec/checks';
import { logPlaces } from './kept-log';
import { growing, watchEnd } from './rhythm';
import { type Turn, takeTurn } from './turn';

const tailLines = 12;
/** Longest milliseconds between looks, while the engine reports the instance's end by itself. */
const besideEngine = 1_000;

/** Rhythm for a service with routes and without a check in the spec. */
const patience = { every: 500, timeout: 2_000, healthy: 1, within: 60_000, grace: 0 };

/**
 * Waits until the instance was ready `healthy` times in a row, at its own address. It also has to accept connections at
 * its routes' ports. It is asked in short intervals until it is ready, and then each `every`. An instance that exits
 * fails at once. Failures count against `within` once the grace is over.
 */
export const probe =
  (deps: Deps) =>
  (input: StepInput<ProbeStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { instance, check, ports = [], of } = input.step;
      const { every, healthy, within, grace } = check ?? patience;
      if (!check && ports.length === 0) {
        await running(deps, turn, instance, of);
        return { note: 'running; no readiness check is configured' };
      }
      const look = await lookAt(deps, turn, { instance, of });
      const end = watchEnd({ runtime: await turn.runtimeAt(instance.revision, of) }, instance.name, turn.signal);
      const ways = async () =>
        waysInto(deps, await turn.runtimeAt(instance.revision, of), {
          ...turn.token,
          ...(of !== undefined && { service: of }),
          name: instance.name,
        });
      let successes = 0;
      let soon = growing(every);
      try {
        return await turn.until(
          () => end.pause(successes > 0 || check?.command ? every : soon()),
          async () => {
            const found = await look(check?.docker || end.told() ? 0 : besideEngine);
            const last = await ask(deps, input.step, { found, ...(await ways()), signal: turn.signal });
            if (check?.docker && found.health === 'none') throw neverReady(instance.name);
            const late = turn.elapsed() > grace + within;
            // The answer has to come from the very instance that was seen first.
            if (last.healthy || late) await look(0);
            if (!last.healthy && successes > 0) soon = growing(every);
            successes = last.healthy ? successes + 1 : 0;
            turn.say(last.healthy ? `${successes} of ${healthy} in a row` : last.why);
            if (successes >= healthy) {
              const note = `ready after ${(turn.elapsed() / 1000).toFixed(1)} s`;
              const weak = await weakness(deps, input.step, { found, signal: turn.signal });
              return { note: weak ? `${note}; ${weak}` : note };
            }
            if (late)
              throw await notReady(deps, {
                runtime: await turn.runtimeAt(instance.revision, of),
                instance,
                check,
                within: grace + within,
                last,
              });
            return undefined;
          },
        );
      } finally {
        end.stop();
      }
    });

/**
 * Returns the instance as seen at most so many milliseconds ago. Throws `instance-exited` also if the engine has
 * restarted it since the first look.
 */
async function lookAt(
  deps: Deps,
  turn: Turn,
  { instance, of }: { instance: InstanceRef; of?: string },
): Promise<(age: number) => Promise<RuntimeInstance>> {
  let seen = await running(deps, turn, instance, of);
  let at = Date.now();
  return async (age) => {
    if (Date.now() - at < age) return seen;
    const { startedAt } = seen;
    seen = await running(deps, turn, instance, of);
    at = Date.now();
    // After a boot its start may still have waited for others.
    if (seen.startedAt === startedAt || startedAt === neverStarted) return seen;
    const runtime = await turn.runtimeAt(instance.revision, of);
    throw await exited(deps, runtime, instance.name, await restarted(runtime, instance.name));
  };
}

/** Most lines of a log that a check reads. */
const readLines = 10_000;

type Ways = Pick<ProbeTarget, 'run' | 'log' | 'beside'>;

/**
 * Returns the ways into the instance: to its log, to run programs inside if its runtime can, and beside it on the host.
 */
export const waysInto = (
  { masker }: Deps,
  runtime: Pick<Runtime, 'run' | 'logSinceStart'>,
  { name, platform, service }: { name: string; platform: string; service: string },
): Ways => ({
  beside: { owner: { platform, service }, mask: masker.mask },
  log: () => runtime.logSinceStart(name, readLines),
  ...(runtime.run && {
    run: async (argv, signal) => {
      const { code, output } = await runtime.run!(name, { argv, signal });
      return { code, output: masker.mask(output) };
    },
  }),
});

/** Makes the check, and then tries every port that it does not cover. */
async function ask(
  { probe }: Deps,
  { check, version, ports = [], direct }: ProbeStep,
  { found, signal, ...ways }: Ways & { found: RuntimeInstance; signal: AbortSignal },
): Promise<ProbeResult> {
  const asked = check && (await probe({ ...targetOf(found, askedPort(check), direct), ...ways, check, signal }));
  if (asked && !asked.healthy) return asked;
  const { timeout } = check ?? patience;
  // Compose may have published other ports, or none.
  const open = ports.filter((port) => found.ports[port] !== undefined || found.address !== undefined);
  const results = await Promise.all(
    open.map(async (port) => {
      const target = targetOf(found, port, direct);
      const result = await probe({ ...target, check: { ...patience, status: 200, timeout, tcp: port }, signal });
      return result.healthy ? result : { ...result, why: `port ${port} of a route: ${result.why}` };
    }),
  );
  const closed = results.find((one) => !one.healthy);
  if (closed || !version) return closed ?? { healthy: true };
  const { http, port, told, proxied } = version;
  const telling = { ...patience, status: 200, timeout, http, port, told, proxied };
  return await probe({ ...targetOf(found, port, direct), check: telling, signal });
}

/** The first instance of a revision speaks for the others. */
async function weakness(
  { probe }: Deps,
  { check, direct, instance, of, undoes }: ProbeStep,
  { found, signal }: { found: RuntimeInstance; signal: AbortSignal },
): Promise<string | undefined> {
  if (!check || instance.number !== 1 || of !== undefined || undoes !== undefined) return undefined;
  return await anyPathNote(probe, { ...targetOf(found, askedPort(check), direct), check, signal });
}

/** Returns the running instance. Throws `instance-exited` with exit code and the masked end of the log. */
export async function running(
  deps: Deps,
  { find, runtimeAt }: Turn,
  ref: InstanceRef,
  of?: string,
): Promise<RuntimeInstance> {
  const found = await find(ref, of);
  if (found?.state === 'running') return found;
  if (!found) throw isGone(ref);
  throw await exited(deps, await runtimeAt(ref.revision, of), ref.name, howEnded(found));
}

/** The error for an instance that something else has removed. */
export const isGone = ({ name }: InstanceRef): BelayError =>
  new BelayError('instance-lost', `${name} is gone: it was removed, and not by this release`, { gone: name });

const howEnded = ({ exitCode, restarting }: RuntimeInstance): string =>
  `exited with code ${exitCode ?? 'unknown'}${restarting ? ', and the engine is about to start it again' : ''}`;

async function restarted(runtime: Runtime, name: string): Promise<string> {
  const code = await runtime.lastExit(name).catch(() => undefined);
  return `exited with code ${code ?? 'unknown'}, and the engine started it again`;
}

async function exited({ masker }: Deps, runtime: Runtime, name: string, how: string): Promise<BelayError> {
  const tail = await logTail({ masker, runtime }, name);
  return new BelayError('instance-exited', `${name} ${how}${tail}`, {
    hint: logPlaces(runtime, name),
  });
}

interface Unready {
  runtime: Runtime;
  instance: InstanceRef;
  check?: DesiredCheck;
  /** Milliseconds. */
  within: number;
  last: ProbeResult;
}

/** No time brings a HEALTHCHECK to a container without one. */
const neverReady = (name: string): BelayError =>
  new BelayError(
    'not-ready',
    `${name} cannot get ready: the container has no HEALTHCHECK, and health.ready.docker waits for it`,
    {
      hint: 'write a healthcheck in the Compose file, or http or tcp under health.ready',
    },
  );

async function notReady({ masker }: Deps, { runtime, instance, check, within, last }: Unready): Promise<BelayError> {
  const said = check?.docker
    ? lastLine(masker.mask((await runtime.healthOutput?.(instance.name).catch(() => '')) ?? ''))
    : '';
  const why = `${last.healthy ? 'it did not stay ready' : last.why}${said && `, and its last output is: ${said}`}`;
  const tail = await logTail({ masker, runtime }, instance.name);
  return new BelayError('not-ready', `${instance.name} was not ready within ${within / 1000} s: ${why}${tail}`, {
    hint: `${hintFor(why, check)}; ${logPlaces(runtime, instance.name)}`,
  });
}

function hintFor(why: string, check?: DesiredCheck): string {
  if (/answered (30[1278]|400|403|421)/.test(why))
    return 'a service that answers only to its own name, or only over https, needs these headers: health.ready.headers: { host: shop.example.com, x-forwarded-proto: https }';
  if (why.startsWith('tells version '))
    return 'the tag of the image and the program in it differ: build and push it again, or correct version in belay.yaml';
  if (why.startsWith('TLS: EPROTO'))
    return 'the port does not speak TLS, or not this version of it: write http, or the port that does';
  if (why.startsWith('TLS: '))
    return 'write the name in its certificate as server_name, and the file of an authority of yours as ca; insecure accepts any certificate';
  return `see the readiness check (${checkText(check)}), the ports of the routes, and in the log what the instance waits for`;
}

/** Returns the check as the spec has it, as far as it says where the instance was asked. */
function checkText(check?: DesiredCheck): string {
  if (check?.where === 'host') return `health.ready: ${check.command![0]} on the host`;
  const port = check && askedPort(check);
  const asked = check?.http ?? check?.https;
  const path = asked === undefined ? '' : `${asked} at `;
  return port === undefined ? 'health.ready' : `health.ready: ${path}port ${port}`;
}

async function logTail(
  { masker, runtime }: Pick<Deps, 'masker'> & { runtime: Runtime },
  name: string,
): Promise<string> {
  const text = await runtime.logTail(name, tailLines).catch(() => '');
  const masked = masker.mask(text.trim()).slice(-1500);
  return masked ? `; its last lines: ${masked}` : '';
}
