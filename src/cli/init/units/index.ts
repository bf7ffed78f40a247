import { BelayError } from '../../../errors';
import { digestOfFile } from '../../../hosts/digest';
import { runProgram } from '../../../run-program';
import { instanceOfUnit } from '../../../runtimes/systemd/template';
import { signalName } from '../../../runtimes/systemd/unit-state';
import type { FoundUnits } from '../../../spec/init';
import type { UnitService } from '../../../spec/init/units';
import { type Listener, listenersIn, portsOf } from '../../systemd/listeners';
import { templateOf } from '../../systemd/names';
import { type Program, programOf } from '../../systemd/program';
import { loadedServices, readListeners, readUnits } from '../../systemd/read';
import type { Unit } from '../../systemd/unit';
import { groupsOf, type InstancePort, instancePort, type UnitGroup } from './group';
import { answeringPath } from './health';
import { isOwn, leftOut } from './left-out';
import { needsOf } from './needs';

/** Services of a first spec, also in words for people. */
export interface FoundHost extends FoundUnits {
  found: string;
  /** Changes that the host needs before the first release. */
  todo: string[];
}

/**
 * Returns the services of these units; without names, of those that an operator has written. Throws `input-invalid` if
 * none of them runs a service.
 */
export async function findUnits(names: string[]): Promise<FoundHost> {
  const [all, listeners = []] = await Promise.all([chosenUnits(names), readListeners()]);
  const units = all.filter((one) => leftOut(one) === undefined);
  const left = all.flatMap((one) => {
    const reason = leftOut(one);
    return reason === undefined ? [] : [{ unit: one.id, reason }];
  });
  const groups = groupsOf(units);
  const made = await Promise.all(groups.map((group) => serviceOf(group, listeners)));
  const needs = needsOf(groups.filter((_, index) => made[index]!.service));
  const services = made.flatMap(({ service }) => (service ? [{ ...service, needs: needs[service.name] ?? [] }] : []));
  const more = made.flatMap(({ left }) => left ?? []);
  if (services.length === 0) throw nothingToRelease([...left, ...more]);
  return { services, left: [...left, ...more], found: foundWords(services), todo: made.flatMap(({ todo }) => todo) };
}

async function chosenUnits(names: string[]): Promise<Unit[]> {
  if (names.length === 0) {
    const loaded = await loadedServices();
    return (await readUnits(loaded.map(({ name }) => name))).filter(isOwn);
  }
  const full = names.map((name) => (name.endsWith('.service') ? name : `${name}.service`));
  const each = await Promise.all(
    full.map(async (name) =>
      instanceOfUnit(name) === '' && name.includes('@.')
        ? (await loadedServices(name.replace('@.', '@*.'))).map((one) => one.name)
        : [name],
    ),
  );
  const empty = full.filter((_, index) => each[index]!.length === 0);
  if (empty.length > 0)
    throw new BelayError('input-invalid', `no instance of ${empty.join(', ')} is loaded`, {
      hint: `start one: systemctl start ${empty[0]!.replace('@.', '@PORT.')}`,
    });
  return await readUnits([...new Set(each.flat())]);
}

interface Made {
  service?: Omit<UnitService, 'needs'>;
  left?: FoundUnits['left'];
  todo: string[];
}

async function serviceOf(group: UnitGroup, listeners: Listener[]): Promise<Made> {
  const { name, template, units } = group;
  const [unit] = units as [Unit];
  const own = listenersIn(listeners, unit);
  const ports = units.map((one) => instancePort(one, portsOf(listenersIn(listeners, one))));
  if (template !== undefined && ports.includes(undefined)) return { left: [portless(template)], todo: [] };
  const asked = own.find(({ port }) => port === (template === undefined ? portsOf(own)[0] : ports[0]?.port));
  const program = programOf(unit);
  const service = {
    name,
    ...(template === undefined
      ? { unit: unit.id }
      : {
          template: { name: template, ports: (ports as InstancePort[]).map(({ port }) => port).sort((a, b) => a - b) },
        }),
    program: program && {
      ...program,
      sha256: program.kind === 'file' ? await digestOfFile(program.path).catch(() => undefined) : undefined,
    },
    ports: portsOf(own),
    answers: asked && (await answeringPath(asked.address, asked.port)),
    stopTimeout: unit.stopTimeout,
    stopSignal: unusualSignal(unit.stopSignal),
    user: unit.user,
    group: await groupOf(unit),
    variables: Object.keys(unit.environment),
    environmentFiles: unit.environmentFiles.map(({ path }) => path),
  };
  return { service, todo: [...renamed(group, ports), ...artifactTodo(unit, program)] };
}

const portless = (template: string) => ({
  unit: template,
  reason: 'an instance of it listens at no port that its name or PORT= says',
});

/** Belay names each instance by its port. */
function renamed({ template, units }: UnitGroup, ports: Array<InstancePort | undefined>): string[] {
  const other = ports.findIndex((one) => one && !one.isNamed);
  if (template === undefined || other < 0) return [];
  const { port } = ports[other]!;
  const { id } = units[other]!;
  return [
    `${template}: let %i be the port (Environment=PORT=%i): Belay starts ${template.replace('@.', `@${port}.`)} in place of ${id}`,
  ];
}

/** A release makes a link of the path, so that the former folder stands aside. */
function artifactTodo({ id }: Unit, program: Program | undefined): string[] {
  if (!program) return [];
  const { kind, path } = program;
  const copy = `put its build beside belay.yaml, or what runs now: cp ${kind === 'file' ? '' : '-a '}${path} .`;
  if (kind === 'file') return [`${templateOf(id)}: ${copy}`];
  return [
    `${templateOf(id)}: ${copy}`,
    `${templateOf(id)}: data that it writes below ${path} has to move elsewhere (StateDirectory=), since each version is a folder of its own`,
  ];
}

/** Returns the group of its processes; empty for root and for a user that systemd makes. */
async function groupOf({ user, group }: Unit): Promise<string> {
  if (group !== '' || user === '') return group;
  const { output } = await runProgram({ command: 'id', args: ['-gn', '--', user], timeout: 10_000 });
  return output.trim();
}

/** Returns undefined for SIGTERM, which is usual. */
function unusualSignal(number: number): string | undefined {
  const name = signalName(number);
  return name === 'SIGTERM' ? undefined : name;
}

const foundWords = (services: Array<Pick<UnitService, 'name' | 'template'>>): string =>
  `systemd: ${services.map(({ name, template }) => (template ? `${name} (${template.ports.length} instances)` : name)).join(', ')}`;

function nothingToRelease(left: FoundUnits['left']): BelayError {
  const reasons = left.map(({ unit, reason }) => `${unit}: ${reason}`).join('; ');
  return new BelayError('input-invalid', `no unit here runs a service to release${reasons && ` (${reasons})`}`, {
    hint: 'name its unit: belay init --systemd shop-worker.service',
  });
}
