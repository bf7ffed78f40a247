import { resolve } from 'node:path';
import { BelayError } from '../../../errors';
import { writeAtomic } from '../../../hosts/file';
import { jobUnit, writeJobUnit } from '../../../hosts/job-units';
import type { InstanceRequest, JobRequest } from '../../runtime';
import { linesOf } from '../lines-of';
import { placeFiles } from '../place';
import { linkOf } from '../places';
import { instanceOfUnit, isSameIdentity, type SystemdTemplate, unitOf } from '../template';
import { type SystemdHost, showUnit } from '../units';
import { jobUnitOf, jobUnitPath, markOf } from './places';
import { jobText } from './unit-text';
import { viewOf } from './view';

export interface JobCreation {
  name: string;
  template: SystemdTemplate;
  instance: InstanceRequest;
  job: JobRequest;
}

/** Ensures a unit for one run of the job, which is not started. One that may have run already is left as it is. */
export async function createJob(host: SystemdHost, creation: JobCreation): Promise<void> {
  const { name, template, job } = creation;
  const { identity } = creation.instance;
  const found = await jobUnit(host, name);
  if (found && !(isSameIdentity(found.identity, identity) && found.job === job.name)) throw taken(name);
  if (found?.begunAt !== undefined) return;
  if (template.files) await placeFiles(host, template.files);
  await refuseOthers(host, name);
  if (!found) await writeJobUnit(host, { name, job: job.name, identity });
  // The unit of the service may be for root alone, and this has its lines.
  await writeAtomic({ path: jobUnitPath(name), data: await textOf(host, creation), mode: 0o600 });
  await host.ctl.ask(['daemon-reload']);
}

const taken = (name: string): BelayError =>
  new BelayError('launch-failed', `${name} exists on this host, and is not this run of the job`, {
    hint: 'belay ps shows what runs; belay drop removes what a platform has left',
  });

async function refuseOthers(host: SystemdHost, name: string): Promise<void> {
  const { file } = await showUnit(host, jobUnitOf(name));
  if (file === '' || file === jobUnitPath(name)) return;
  throw new BelayError('launch-failed', `${file} has the name of a job of Belay`, {
    hint: 'look whose it is, and give it another name',
  });
}

/** The unit as an instance of the revision would have it, with the program of the job. */
async function textOf(
  host: SystemdHost,
  { name, template, instance: { identity }, job }: JobCreation,
): Promise<string> {
  const { files, jobPort } = template;
  const unit = unitOf(template, { identity, ports: jobPort === undefined ? {} : { job: jobPort } });
  const lines = await linesOf(host, template, unit);
  const [program = '', ...args] = job.command ?? [];
  const install = files ? linkOf(files.install, instanceOfUnit(unit)) : '/';
  const command = [resolve(install, program), ...args];
  const view = files && (await viewOf(host, { name, files, unit }));
  return jobText({ name, job: job.name, identity, lines, unit, command, ...(view && { view }), mark: markOf(name) });
}
