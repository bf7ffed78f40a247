import { readText } from '../../hosts/file';
import { reader } from '../../project/files';
import type { Project } from '../../project/project';
import type { SystemdService } from '../../spec/spec';
import { missingAccounts } from './accounts';
import { type Dependents, dependentsOf } from './dependents';
import { directivesOf } from './drop-in';
import { type EnvFile, namedEnvFiles, readEnvFiles } from './env-files';
import { type Holder, holdersOf } from './holders';
import { processesOf, unixSocketsOf } from './processes';
import { timespan } from './timespan';
import { type UnitLine, unitLines } from './unit-lines';
import type { UnitState } from './unit-state';
import { isLater, type UnitFile, unitTexts } from './unit-texts';
import { type SystemdHost, showUnits, unitsOf } from './units';

/** All that is known of a service before its release. */
export interface KnownService {
  name: string;
  service: SystemdService;
  /** The unit or the template. */
  unit: string;
  /** The text of the unit file in the project folder; undefined where the host has the unit. */
  unitText?: string;
  /** The unit, or an instance of the template. */
  state: UnitState;
  /** Units whose events start it. */
  triggers: UnitState[];
  /** The host's own unit file. */
  file?: UnitFile;
  /** Drop-ins of others, in the order in which systemd reads them. */
  dropIns: UnitFile[];
  /** Drop-ins of others that only further instances of the template have. */
  furtherDropIns: UnitFile[];
  /** Lines that the release adds to the [Service] section. */
  directives: string[];
  /** The assignments of the unit file and of drop-ins of others. */
  hostLines: UnitLine[];
  /** The same with those of the release at their place. */
  lines: UnitLine[];
  envFiles: EnvFile[];
  /** Files with variables that the unit itself names. */
  unitEnvFiles: EnvFile[];
  /** Contents of the credentials, by their names. */
  credentials: Record<string, string>;
  /** Owner and group of the artifact that nobody has made: `group shop`. */
  missing: string[];
  /** Names of units of the template that run. */
  running: string[];
  dependents: Dependents;
  /** Unix sockets at which a single unit listens, if its shutdown is to be tested. */
  sockets: string[];
  /** The services to which drop-ins of Belay give its units. */
  holders: Holder[];
}

interface Asked {
  name: string;
  service: SystemdService;
}

export async function known(host: SystemdHost, project: Project, { name, service }: Asked): Promise<KnownService> {
  const unit = service.unit ?? service.template!;
  const units = service.template === undefined ? [unit] : service.ports!.map((port) => unit.replace('@.', `@${port}.`));
  const running = service.template === undefined ? [] : await unitsOf(host, unit);
  const all = [...new Set([...units, ...running])];
  const states = await showUnits(host, all);
  const [first, ...further] = await Promise.all(states.slice(0, units.length).map(unitTexts));
  const { file, dropIns } = first!;
  const unitText = service.unit_file === undefined ? undefined : reader(project)(service.unit_file);
  const { env, env_files: envFiles, credentials = {}, settings, stop } = service;
  const directives = directivesOf({ env, envFiles, credentials, settings, stop });
  const texts = (some: UnitFile[]) => some.map(({ text }) => text);
  const base = unitText ?? file?.text ?? '';
  const hostLines = unitLines([base, ...texts(dropIns)]);
  const [sooner, later] = [dropIns.filter((one) => !isLater(one)), dropIns.filter(isLater)];
  const named = await Promise.all(units.map((one) => namedEnvFiles(hostLines, one)));
  return {
    name,
    service,
    unit,
    ...(unitText !== undefined && { unitText }),
    state: states[0]!,
    triggers: await showUnits(host, states[0]!.triggers),
    ...(file && { file }),
    dropIns,
    furtherDropIns: notIn(
      dropIns,
      further.flatMap((one) => one.dropIns),
    ),
    directives,
    hostLines,
    lines: unitLines([base, ...texts(sooner), ['[Service]', ...directives].join('\n'), ...texts(later)]),
    envFiles: await readEnvFiles(envFiles ?? []),
    unitEnvFiles: await readEnvFiles([...new Set(named.flat())]),
    credentials: await contentsOf(credentials),
    missing: await missingAccounts(service.artifact ?? {}, service.user),
    running,
    sockets: service.drill?.when && service.unit ? await socketsOf(states[0]!) : [],
    dependents: await dependentsOf(host, states),
    holders: await holdersOf(host, states.slice(0, units.length)),
  };
}

const socketsOf = async ({ cgroup }: UnitState): Promise<string[]> => unixSocketsOf(await processesOf(cgroup));

const notIn = (some: UnitFile[], others: UnitFile[]): UnitFile[] => {
  const byPath = new Map(others.map((one) => [one.path, one]));
  for (const { path } of some) byPath.delete(path);
  return [...byPath.values()];
};

async function contentsOf(paths: Record<string, string>): Promise<Record<string, string>> {
  const texts = await Promise.all(
    Object.entries(paths).map(async ([name, path]) => [name, await readText(path).catch(() => undefined)] as const),
  );
  return Object.fromEntries(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}

/** The host's DefaultTimeoutStopSec, in milliseconds. */
export async function usualStopTime({ ctl }: Pick<SystemdHost, 'ctl'>): Promise<number> {
  const text = await ctl.ask(['show', '--value', '-p', 'DefaultTimeoutStopUSec']);
  return timespan(text) ?? 90_000;
}
