import { setTimeout as sleep } from 'node:timers/promises';
import { BelayError } from '../../errors';
import { readText } from '../../hosts/file';
import { hostPaths } from '../../hosts/home';
import { instancesBegin } from '../../model/instance-name';
import { fleetNow, type InstanceNow } from '../../observe/fleet-now';
import type { Runtime } from '../../runtimes/runtime';
import { namesHint } from '../../spec/sentences';
import type { Context } from '../context';
import { hostWorld } from '../host-world';
import { jsonLine } from '../json-lines';
import { type KnownHere, knownHere } from '../known-here';
import type { WhichPlatform } from '../project';
import { linesOf } from './lines-of';

export interface LogsAsked extends WhichPlatform {
  /** The last lines of each instance. */
  lines: number;
  json?: boolean;
}

/** An instance whose log is meant. */
interface Source {
  service: string;
  instance: InstanceNow;
  runtime: Runtime;
}

/** Milliseconds between two looks at which instances run. */
const lookEvery = 1_000;

/** Prints the last lines of the instances that are meant, and of one that is gone those that its release has kept. */
export async function showLogs(context: Context, asked: LogsAsked, name?: string): Promise<void> {
  const known = await platformOf(context, asked, name);
  const sources = await sourcesOf(known, name);
  if (sources.length === 0 && name !== undefined && !known.services.includes(name)) {
    const kept = isOf(known, name) ? await readText(hostPaths(known.home).log(name)) : undefined;
    if (kept === undefined) throw unknownName(known, name);
    return writerOf(context, asked)({ instance: name, width: 0 }, tail(kept, asked.lines));
  }
  const width = widthOf(sources, name);
  for (const { service, instance, runtime } of sources) {
    const text = await runtime.logTail(instance.name, asked.lines);
    writerOf(context, asked)({ service, instance: instance.name, width }, text.split('\n').filter(Boolean));
  }
}

/** Shows the logs until Ctrl-C. An instance that comes meanwhile is shown from its start on. */
export async function followLogs(context: Context, asked: LogsAsked, name?: string): Promise<void> {
  const known = await platformOf(context, asked, name);
  const { interrupted } = context;
  const shown = new Map<string, { stop(): void; ended: Promise<void> }>();
  /** When the log of an instance was over: it may start again. */
  const ends = new Map<string, Date>();
  let sources = await running(known, name);
  if (sources.length === 0 && name !== undefined && !known.services.includes(name)) throw unknownName(known, name);
  for (let isFirst = true; !interrupted.aborted; isFirst = false) {
    const width = widthOf(sources, name);
    for (const [one, { stop }] of shown) if (!sources.some(({ instance }) => instance.name === one)) stop();
    for (const { service, instance, runtime } of sources) {
      if (shown.has(instance.name)) continue;
      const { name: one, startedAt } = instance;
      const from = isFirst ? asked : { since: ends.get(one) ?? new Date(startedAt) };
      const stop = new AbortController();
      const write = writerOf(context, asked);
      const show = (line: string) => write({ service, instance: one, width }, [line]);
      const ended = linesOf(await runtime.logProgram(one, from), stop.signal, show).then(() => {
        ends.set(one, new Date());
        shown.delete(one);
      });
      shown.set(one, { stop: () => stop.abort(), ended });
    }
    await sleep(lookEvery, undefined, { signal: interrupted }).catch(() => undefined);
    // An engine that starts again shows nothing for a while.
    sources = await running(known, name).catch(() => sources);
  }
  for (const { stop } of shown.values()) stop();
  await Promise.all([...shown.values()].map(({ ended }) => ended));
}

const running = async (known: KnownHere, name?: string): Promise<Source[]> =>
  (await sourcesOf(known, name)).filter(({ instance }) => instance.state === 'running');

/** A name that is no service of the ledger may be an instance's. */
async function platformOf(context: Context, asked: LogsAsked, name?: string): Promise<KnownHere> {
  const known = await knownHere(context, asked);
  return name !== undefined && known.services.includes(name) ? { ...known, services: [name] } : known;
}

async function sourcesOf({ home, ledger, platform, services }: KnownHere, name?: string): Promise<Source[]> {
  const world = hostWorld({ home });
  const isService = name === undefined || services.includes(name);
  const found = await fleetNow({ ...world, ledger }, { platform, services });
  return found.flatMap(({ service, runtime, instances }) =>
    instances
      .filter((one) => isService || one.name === name)
      .map((instance) => ({ service, instance, runtime: world.runtimeOf(runtime) })),
  );
}

/** True for the name of an instance of the platform, of whatever revision. */
const isOf = ({ platform, services }: KnownHere, name: string): boolean =>
  services.some((service) => name.startsWith(instancesBegin({ platform, service })));

function unknownName({ platform, services }: KnownHere, name: string): BelayError {
  return new BelayError('input-invalid', `${platform}: there is neither a service nor an instance ${name}`, {
    hint: namesHint(name, services, `it has ${services.join(', ')}; belay ps shows the instances`),
  });
}

/** Lines of one instance alone begin with no name. */
const widthOf = (sources: Source[], name?: string): number =>
  sources.length === 1 && sources[0]!.instance.name === name
    ? 0
    : Math.max(0, ...sources.map(({ instance }) => instance.name.length));

interface Line {
  service?: string;
  instance: string;
  /** Width of the names before lines; 0 for none. */
  width: number;
}

const writerOf =
  ({ terminal }: Context, { json }: LogsAsked) =>
  ({ service, instance, width }: Line, lines: string[]): void => {
    const begin = width > 0 ? `${terminal.colors.dim(`${instance.padEnd(width)} |`)} ` : '';
    for (const text of lines)
      terminal.out(json ? jsonLine('log', { ...(service && { service }), instance, text }) : `${begin}${text}`);
  };

const tail = (text: string, lines: number): string[] => text.split('\n').filter(Boolean).slice(-lines);
