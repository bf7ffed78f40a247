import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { plan } from '../../activities/planning/release';
import { parseSpec } from '../../src/spec/parse';
import type { ServiceSpec, Spec } from '../../src/spec/spec';
import { projectRoot } from '../../testbed/root';
import { belay } from '../cli/support';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

const corpus = join(projectRoot, 'test/init/corpus');

type Release = 'rolling' | 'recreate' | 'left' | 'job';
type Protocol = 'http' | 'grpc' | 'tcp';

/** An expert's answer for one service. What is absent is not asked for, or must not be written as a fact. */
interface Expected {
  kind: string;
  release: Release;
  /** Other releases that are as good. */
  also?: Release[];
  route?: number | number[];
  /** The protocol that the files prove, of all routes or by port. */
  protocol?: Protocol | Record<number, Protocol>;
  ready?: string | string[];
  /** Seconds that a docker check has to be given until its first answer. */
  within?: number;
}

interface Answer {
  style: string;
  /** The project has nothing to release as it is, and `belay init` says so with the words of `says`. */
  init?: 'refused';
  says?: string;
  /** External volumes and networks of the project. */
  external?: string[];
  services: Record<string, Expected>;
}

export const points = ['release', 'route', 'protocol', 'ready'] as const;

/** One answer that `belay init` gave about a service, beside the expert's. */
export interface Point {
  project: string;
  service: string;
  kind: string;
  what: (typeof points)[number];
  wrote: string;
  wanted: string;
  right: boolean;
}

/** What became of one project: the rules that its belay.yaml breaks, and the points of its services. */
export interface Judged {
  project: string;
  breaches: string[];
  points: Point[];
}

/** Runs `belay init` in a copy of each project of the corpus, makes a plan from what it wrote, and compares both with the answer. */
export async function judgeCorpus(only: (project: string) => boolean = () => true): Promise<Judged[]> {
  const projects = readdirSync(corpus).filter(only);
  const judged: Judged[] = [];
  const waiting = projects.values();
  const one = async () => {
    for (const project of waiting) judged.push(await judge(project));
  };
  await Promise.all([one(), one(), one(), one()]);
  return judged.sort((a, b) => (a.project < b.project ? -1 : 1));
}

async function judge(project: string): Promise<Judged> {
  const answer = parse(readFileSync(join(corpus, project, 'answer.yaml'), 'utf8')) as Answer;
  const home = mkdtempSync(join(tmpdir(), 'belay-corpus-'));
  const cwd = join(home, 'specs', project);
  try {
    cpSync(join(corpus, project), cwd, { recursive: true, filter: (path) => basename(path) !== 'answer.yaml' });
    const { code, out, err } = await belay(['init', '--json'], { cwd });
    if (answer.init === 'refused') return { project, breaches: refusal(project, answer, { code, err }), points: [] };
    if (code !== 0) return { project, breaches: [`${project}: init ended with ${code}: ${err || out}`], points: [] };
    const text = readFileSync(join(cwd, 'belay.yaml'), 'utf8');
    const parsed = parseSpec({ text, file: 'belay.yaml' });
    if ('errors' in parsed) {
      return {
        project,
        breaches: [`${project}: ${parsed.errors.map(({ message }) => message).join('; ')}`],
        points: [],
      };
    }
    const { spec } = parsed;
    const unplanned = await planError({ home, spec, external: answer.external });
    return {
      project,
      breaches: [
        ...(unplanned ? [`${project}: no plan: ${unplanned}`] : []),
        ...breaches(project, answer, { spec, text }),
      ],
      points: Object.entries(answer.services).flatMap(([name, expected]) =>
        pointsOf(expected, spec.services[name]).map((point) => ({
          project,
          service: name,
          kind: expected.kind,
          ...point,
        })),
      ),
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const refusal = (project: string, { says = '' }: Answer, { code, err }: { code: number; err: string }): string[] =>
  code === 2 && err.includes(says) ? [] : [`${project}: init ended with ${code}, and not with 2 and a word of ${says}`];

/** Makes a plan of the first release, on a host that has every image, and no other use for its ports; returns its error. */
export async function planError({ home, spec, external = [] }: { home: string; spec: Spec; external?: string[] }) {
  const runtime = withEveryImage(fakeRuntime());
  runtime.publishers = async () => [{ name: 'own', platform: spec.platform, addresses: [] }];
  for (const name of external) runtime.resources.add(name);
  const proxyOf = adaptersOf(() => fakeProxy({ backends: {} }));
  const deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')], proxyOf });
  return await runActivity(plan(deps), { platform: spec.platform }).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

function withEveryImage(runtime: FakeRuntime): FakeRuntime {
  const { pin, underName } = runtime;
  const add = (ref: string) => {
    const [, digest] = ref.split('@');
    runtime.addImage(ref, digest);
    if (digest) runtime.publish(ref, digest);
  };
  return Object.assign(runtime, {
    pin: (ref: string) => {
      add(ref);
      return pin(ref);
    },
    underName: (ref: string) => {
      add(ref);
      return underName(ref);
    },
  });
}

/** Kinds of which two instances at once lose data. */
const neverRolled = ['database', 'broker', 'search'];

/** The absolute rules: no name is lost, no data is at risk, no request is lost without need. */
function breaches(project: string, answer: Answer, { spec, text }: { spec: Spec; text: string }): string[] {
  const found: string[] = [];
  const left = new Set([...text.matchAll(/^ *# *(\S+) is left out: \S/gm)].map(([, name]) => name!));
  const answers = Object.keys(answer.services);
  for (const name of [...Object.keys(spec.services), ...left]) {
    if (!answers.includes(name)) found.push(`${project}: answer.yaml does not have ${name}`);
  }
  for (const [name, { kind, release, also, route }] of Object.entries(answer.services)) {
    const written = spec.services[name];
    if (!written && !left.has(name)) found.push(`${project}: ${name} is neither released nor named with a reason`);
    if (!written) continue;
    const isRolled = written.strategy.kind !== 'recreate';
    if (isRolled && neverRolled.includes(kind)) found.push(`${project}: ${name} is a ${kind}, and would be rolled`);
    const hasNoState = release === 'rolling' && !also?.includes('recreate') && route !== undefined;
    if (!isRolled && hasNoState) found.push(`${project}: ${name} has no state, and would have a downtime`);
  }
  return found;
}

const list = <T>(one: T | T[] | undefined): T[] => (one === undefined ? [] : Array.isArray(one) ? one : [one]);

/** Scores one service. A service that is rightly left to Compose has no other point. */
function pointsOf(
  expected: Expected,
  written: ServiceSpec | undefined,
): Array<Pick<Point, 'what' | 'wrote' | 'wanted' | 'right'>> {
  const { release, also = [], ready } = expected;
  const accepted = [release, ...also].map((one) => (one === 'job' ? 'left' : one));
  const wrote = !written ? 'left' : written.strategy.kind === 'recreate' ? 'recreate' : 'rolling';
  const right = accepted.includes(wrote);
  const first = { what: 'release' as const, wrote, wanted: [...new Set(accepted)].join(' or '), right };
  if (accepted[0] === 'left' || (!written && right)) return [first];
  const ports = list(expected.route).sort();
  const routes = written?.routes ?? [];
  const writtenPorts = [...new Set(routes.map(({ port }) => port))].sort();
  const points = [first, point('route', written, words(writtenPorts), [words(ports)])];
  if (ports.length > 0) points.push(protocolPoint(expected, written));
  if (ready !== undefined) points.push(point('ready', written, readyOf(written, expected.within), list(ready)));
  return points;
}

const words = (of: unknown[]): string => of.join(', ') || 'none';

const point = (what: Point['what'], written: unknown, wrote: string, accepted: string[]) => ({
  what,
  wrote: written ? wrote : 'left',
  wanted: accepted.join(' or '),
  right: written !== undefined && accepted.includes(wrote),
});

/**
 * A protocol may be written only if it is proven. Without one a route is http, so http need not be written; where
 * nothing is proven, tcp is as good, for it carries every protocol.
 */
function protocolPoint({ protocol }: Expected, written: ServiceSpec | undefined) {
  const routes = written?.routes ?? [];
  const proven = (port: number) => (typeof protocol === 'object' ? protocol[port] : protocol);
  const isRight = ({ port, protocol: said }: ServiceSpec['routes'][number]) =>
    said === (proven(port) ?? 'tcp') || (said === undefined && (proven(port) ?? 'http') === 'http');
  return {
    what: 'protocol' as const,
    wrote: written ? words([...new Set(routes.map((one) => one.protocol ?? 'nothing'))]) : 'left',
    wanted: typeof protocol === 'object' ? JSON.stringify(protocol) : (protocol ?? 'tcp'),
    right: routes.length > 0 && routes.every(isRight),
  };
}

function readyOf(written: ServiceSpec | undefined, seconds = 0): string {
  const ready = written?.health?.ready;
  if (!ready) return 'none';
  const kind = ['docker', 'http', 'tcp'].find((one) => one in ready) ?? 'other';
  const isGivenUp = kind === 'docker' && ready.within + ready.grace < seconds * 1000;
  return isGivenUp ? 'docker, given up too early' : kind;
}

/** Returns the share of right points in whole percent, rounded down. */
export const percent = (points: Point[]): number =>
  Math.floor((100 * points.filter(({ right }) => right).length) / Math.max(points.length, 1));

/** A line for each kind of service: how many points are right, of how many. */
export function table(judged: Judged[]): string {
  const all = judged.flatMap((one) => one.points);
  const kinds = [...new Set(all.map(({ kind }) => kind))].sort();
  const cells = (given: Point[]) =>
    points.map((what) => {
      const these = given.filter((one) => one.what === what);
      return these.length === 0 ? '-' : `${these.filter(({ right }) => right).length}/${these.length}`;
    });
  const row = (name: string, given: Point[]) => [name, ...cells(given), `${percent(given)} %`];
  const rows = [
    ['kind', ...points, 'all'],
    ...kinds.map((kind) =>
      row(
        kind,
        all.filter((one) => one.kind === kind),
      ),
    ),
    row('all', all),
  ];
  return rows
    .map((cells) =>
      cells
        .map((cell) => cell.padEnd(12))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** The failures by what they have in common, the most frequent first. */
function failures(judged: Judged[]): string {
  const wrong = judged.flatMap((one) => one.points).filter(({ right }) => !right);
  const groups = new Map<string, string[]>();
  for (const { what, kind, wrote, wanted, project, service } of wrong) {
    const [said, right] =
      what === 'route'
        ? [wrote === 'none' || wrote === 'left' ? wrote : 'others', wanted === 'none' ? wanted : 'ports']
        : [wrote, wanted];
    const name = `${what} of a ${kind}: ${said}, and not ${right}`;
    const detail = what === 'route' ? ` (${wrote}; ${wanted})` : '';
    groups.set(name, [...(groups.get(name) ?? []), `${project}/${service}${detail}`]);
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.length - a.length);
  return sorted.map(([name, where]) => `${String(where.length).padStart(3)}  ${name}: ${where.join(', ')}`).join('\n');
}

/** `node dist/test/init/score.js [project…]` prints the table, the broken rules and the failures. */
async function main(names: string[]): Promise<void> {
  const unknown = names.find((name) => !existsSync(join(corpus, name)));
  if (unknown) throw new Error(`${unknown} is not in ${corpus}`);
  const judged = await judgeCorpus((project) => names.length === 0 || names.includes(project));
  const broken = judged.flatMap((one) => one.breaches);
  process.stdout.write(`${[table(judged), '', ...broken, '', failures(judged)].join('\n')}\n`);
}

if (require.main === module) void main(process.argv.slice(2));
