import { BelayError } from '../../../errors';
import { bootId } from '../../../hosts/boot';
import { writeDrillUnit } from '../../../hosts/drill-units';
import { readText, writeAtomic } from '../../../hosts/file';
import { unitRecords } from '../../../hosts/unit-records';
import type { DrilledRequest } from '../../drills';
import { findId } from '../accounts';
import { jobUnitOf, jobUnitPath } from '../jobs/places';
import { viewOf } from '../jobs/view';
import { linesOf } from '../lines-of';
import { foundPorts } from '../observe';
import { placeFiles } from '../place';
import { holdersOf, processesOf, unixSocketsOf } from '../processes';
import type { SystemdTemplate } from '../template';
import { type SystemdHost, showUnit } from '../units';
import { foldersOf, hasRunFolder, missingOf } from './folders';
import { startKeeper, writeKeeper } from './keeper';
import { ownLink } from './link';
import { drillProblem } from './problem';
import { drillMark, drillText } from './text';

/** Ensures a unit for the instance, beside that of the service, which is not started. */
export async function createDrill(host: SystemdHost, request: DrilledRequest): Promise<void> {
  const { name, owner } = request;
  const template = request.template as SystemdTemplate;
  const { user } = (request.resources ?? {}) as { user?: string };
  if (user !== undefined && (await findId('passwd', user)) === undefined)
    throw refused(owner, `there is no user ${user} yet, which its first release makes`);
  await refuseOthers(host, name);
  const ports = await freePorts(host, request);
  const unit = template.unit.replace('@.', `@${Object.values(ports)[0]}.`);
  const lines = await linesOf(host, template, unit);
  const state = await showUnit(host, unit);
  const sockets = await unixSocketsOf(await processesOf(state.cgroup));
  const { triggers } = state;
  const hasFiles = template.files !== undefined;
  const problem = drillProblem({ lines, unit, triggers, hasFiles, sockets, ports: request.hostPorts });
  if (problem !== undefined) throw refused(owner, `a second instance of ${unit} cannot run: ${problem}`);
  const [held] = template.unit === unit ? Object.values(await foundPorts({ unit, state })) : [];
  if (held !== undefined) throw refused(owner, `a second instance of ${unit} would find port ${held} taken`);
  const link = await ownLink(template.files, unit);
  const made = { ...(await missingOf(foldersOf(lines, unit))), ...(link && { link }), boot: await bootId() };
  await writeDrillUnit(host, { name, owner, createdAt: new Date().toISOString(), ports, ...made });
  if (template.files) await placeFiles(host, template.files);
  const view = template.files && (await viewOf(host, { name, files: template.files, unit }));
  const keepsRun = await hasRunFolder(lines, unit);
  const data = drillText({ owner, lines, unit, keepsRun, ...(view && { view }) });
  // The unit of the service may be for root alone, and this has its lines.
  await writeAtomic({ path: jobUnitPath(name), data, mode: 0o600 });
  await writeKeeper(name);
  await host.ctl.ask(['daemon-reload']);
  await startKeeper(host, name);
}

const refused = (owner: string, why: string): BelayError =>
  new BelayError('not-built', `${owner}: ${why}`, { hint: 'see docs/drill.md for units that can be drilled' });

async function refuseOthers(host: SystemdHost, name: string): Promise<void> {
  const { file } = await showUnit(host, jobUnitOf(name));
  if (file === '' || (file === jobUnitPath(name) && (await readText(file))?.startsWith(drillMark))) return;
  throw new BelayError('launch-failed', `${file} has the name of a drill of Belay`, {
    hint: 'look whose it is, and give it another name',
  });
}

/** A port of the service's own for each that is asked; a template takes at least one, by which its instance is named. */
async function freePorts(
  host: SystemdHost,
  { owner, ports, hostPorts = [], template }: DrilledRequest,
): Promise<Record<string, number>> {
  const { unit } = template as SystemdTemplate;
  if (!unit.includes('@.')) {
    if (ports.length === 0) return {};
    throw refused(
      owner,
      `a second instance of ${unit} would find port ${ports[0]} taken: only a template can be drilled`,
    );
  }
  const taken = (await unitRecords(host)).flatMap((one) => Object.values(one.ports));
  const open: number[] = [];
  for (const port of hostPorts) if (!taken.includes(port) && (await holdersOf(port)).length === 0) open.push(port);
  const asked = ports.length > 0 ? ports : open.slice(0, 1);
  if (open.length < asked.length || open.length === 0)
    throw new BelayError(
      'preflight-failed',
      `${owner}: all ports of its instances are in use: ${hostPorts.join(', ')}`,
      {
        hint: 'write one more into ports: the instance of a drill takes it for a while',
      },
    );
  return Object.fromEntries(asked.map((port, index) => [port, open[index]!]));
}
