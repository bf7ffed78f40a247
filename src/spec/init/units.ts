import { formatDuration } from '../duration';
import { line, scalar } from './text';

/** A service that systemd runs, as its unit and its processes tell. */
export interface UnitService {
  name: string;
  /** The unit of the only instance. */
  unit?: string;
  /** The template of several, and the port of each instance that runs. */
  template?: { name: string; ports: number[] };
  /** The file or folder that the unit runs; absent if it is the distribution's. */
  program?: { kind: 'file' | 'folder'; path: string; sha256?: string };
  /** Services that its unit names, and by which settings. */
  needs: Array<{ service: string; by: string[] }>;
  /** TCP ports at which it listens, ascending. */
  ports: number[];
  /** A path that answers 200, where another path does not. */
  answers?: string;
  /** Milliseconds to stop in; Infinity for any time. */
  stopTimeout: number;
  /** The stop signal, if it is not SIGTERM. */
  stopSignal?: string;
  /** Empty for root. */
  user: string;
  /** The group of its processes; empty if it has none of its own. */
  group: string;
  /** Names of the variables that the unit sets, and its environment files. */
  variables: string[];
  environmentFiles: string[];
}

/** The ports of a unit; one stands for those of all instances of a template. */
export function unitListens({ name, template, ports }: Pick<UnitService, 'name' | 'template' | 'ports'>) {
  const each = template ? [template.ports] : ports.map((port) => [port]);
  const listens = each.filter((all) => all.length > 0).map((all) => ({ port: all[0]!, published: all.map(String) }));
  return { name, listens };
}

/** The lines of one service, with the reason for each choice. */
export function unitBlock(service: UnitService, routes: string[]): string[] {
  return [
    `  ${scalar(service.name)}:`,
    '    runtime: systemd',
    ...place(service),
    ...user(service),
    ...artifact(service),
    ...environment(service),
    ...routes,
    ...readiness(service),
    ...stop(service),
    ...needs(service),
  ];
}

function place({ name, unit, template, user }: UnitService): string[] {
  const file = `    # The host has the unit. To let Belay install it: unit_file: ./${template?.name ?? unit}${user && `, and user: ${user}`}`;
  if (!template)
    return [
      file,
      `    unit: ${scalar(unit ?? '')}   # a release restarts it; a template has no downtime: ${name}@.service`,
    ];
  const { ports } = template;
  const next = Math.max(...ports) + 1;
  return [
    file,
    `    template: ${scalar(template.name)}`,
    `    instances: ${ports.length}`,
    `    ports: [${ports.join(', ')}]   # one more, such as ${next}, lets a new instance start before an old one stops`,
  ];
}

const user = ({ user }: UnitService): string[] =>
  user === '' ? ['    # It runs as root: write User= into the unit.'] : [`    # It runs as ${line(user)}.`];

function artifact({ name, program, template, group }: UnitService): string[] {
  if (!program)
    return [
      "    # No artifact: its program is the distribution's. Belay releases its settings: env, env_files, settings.",
    ];
  const { kind, path, sha256 } = program;
  const now = sha256 === undefined ? '' : `; what runs now has the SHA-256 ${sha256}`;
  const each = template ? `; ${path}-%i, in ExecStart too, gives each instance its own` : '';
  return [
    '    artifact:',
    `      ${kind}: ${scalar(`./${fileName(path, name)}`)}   # put each build here${now}`,
    `      install: ${scalar(path)}   # what ExecStart runs: a release makes it a link to the new version${each}`,
    ...(['', 'root'].includes(group) ? [] : [`      group: ${scalar(group)}`, '      mode: "0750"']),
  ];
}

const fileName = (path: string, name: string): string => path.split('/').at(-1) || name;

/** Values may be secrets, so names alone are written. */
function environment({ variables, environmentFiles }: UnitService): string[] {
  const set = [...variables, ...environmentFiles];
  if (set.length === 0) return [];
  return [`    # The unit sets ${line(set.join(', '))}. To release one of them, write it into env or env_files here.`];
}

function readiness({ template, ports, answers }: UnitService): string[] {
  const [port] = template?.ports ?? ports;
  if (port === undefined)
    return ['    # It listens at no port. Without health.ready it counts as ready once systemd calls it active.'];
  const stands = template && template.ports.length > 1 ? `; ${port} stands for the port of each instance` : '';
  const more = template ? [] : ports.slice(1);
  const others = more.length > 0 ? `; it also listens at ${more.join(', ')}` : '';
  if (answers !== undefined)
    return [
      `    health: { ready: { http: ${scalar(answers)}, port: ${port} } }   # it answers 200 there${stands}${others}`,
    ];
  return [
    `    health: { ready: { tcp: ${port} } }   # better: { http: /ready, port: ${port} }, which sees more than an open port${stands}${others}`,
  ];
}

function stop({ stopTimeout, stopSignal }: UnitService): string[] {
  const signal = stopSignal === undefined ? [] : [`signal: ${stopSignal}`];
  const grace = Number.isFinite(stopTimeout) ? [`grace: ${formatDuration(stopTimeout)}`] : [];
  const endless =
    grace.length > 0
      ? []
      : [
          '    # TimeoutStopSec=infinity: Belay kills it 30 s after its own stop of it. For another time: stop: { grace: 90s }',
        ];
  const words = [...signal, ...grace];
  if (words.length === 0) return endless;
  return [
    ...endless,
    `    stop: { ${words.join(', ')} }   # TimeoutStopSec${stopSignal ? ' and KillSignal' : ''} of the unit`,
  ];
}

function needs({ needs }: UnitService): string[] {
  if (needs.length === 0) return [];
  const reasons = needs.map(({ service, by }) => `${line(service)} by ${by.join(', ')}`);
  return [
    `    needs: [${needs.map(({ service }) => `{ service: ${scalar(service)} }`).join(', ')}]   # ${reasons.join('; ')}`,
  ];
}
