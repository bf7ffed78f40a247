import type { Path, Problem } from '../problem';
import type { Job, ServiceSpec } from '../spec';
import type { ServiceContext } from '.';

/** Problems of a service's jobs, and of a service that is a job itself. */
export function jobRefusals({ service, path }: ServiceContext): Problem[] {
  const jobs = service.jobs.flatMap((one, index) => jobProblems(service, { one, index, at: [...path, 'jobs', index] }));
  const own = service.strategy.kind === 'job' ? undoProblems(service.strategy, [...path, 'strategy']) : [];
  return [...jobs, ...own, ...idleKeys(service, path)];
}

interface Written {
  one: Job;
  index: number;
  at: Path;
}

function jobProblems(service: ServiceSpec, { one, index, at }: Written): Problem[] {
  const twice = service.jobs.findIndex(({ name }) => name === one.name) < index;
  const repeated: Problem = {
    path: [...at, 'name'],
    message: 'is the name of another job of this service',
    hint: 'give each a name of its own',
  };
  return [...(twice ? [repeated] : []), ...undoProblems(one, at), ...besideWarm(service, one, at)];
}

function undoProblems({ undo, pending, point_of_no_return: isFinal }: Undoable, at: Path): Problem[] {
  if (!undo) return [];
  const refuse = (message: string, hint: string, key: string): Problem[] => [
    { path: [...at, 'undo'], atKey: true, message, hint, reads: [[...at, key]] },
  ];
  if (isFinal)
    return refuse('takes back a job that is a point of no return', 'leave one of the two out', 'point_of_no_return');
  if (pending) return [];
  const message = 'would take back the work of an earlier release, where this one has nothing to do';
  return refuse(message, 'write pending too: a command that exits with 0 if nothing is to be done', 'pending');
}

type Undoable = Pick<Job, 'undo' | 'pending' | 'point_of_no_return'>;

/** The warm set is of the former version, which a job after the change no longer reckons with. */
function besideWarm({ strategy }: ServiceSpec, { when }: Job, at: Path): Problem[] {
  if (when !== 'after' || strategy.kind !== 'blue-green' || strategy.warm === 0) return [];
  const message = 'runs once no former instance does, and strategy.warm keeps them running';
  const hint = 'write warm: 0s, or let a later release run the job';
  return [{ path: [...at, 'when'], message, hint, reads: [[...at.slice(0, -2), 'strategy', 'warm']] }];
}

/** A job takes no traffic, and nothing of it stays to be asked. */
function idleKeys(service: ServiceSpec, path: Path): Problem[] {
  if (service.strategy.kind !== 'job') return [];
  const { instances, routes, health, validate, jobs, runtime } = service;
  const given: Array<[boolean, Path]> = [
    [runtime === 'systemd', ['runtime']],
    [instances !== undefined, ['instances']],
    [routes.length > 0, ['routes']],
    [health.ready !== undefined, ['health', 'ready']],
    [health.live !== undefined, ['health', 'live']],
    [validate.length > 0, ['validate']],
    [jobs.length > 0, ['jobs']],
  ];
  return given.flatMap(([isGiven, key]): Problem[] => {
    if (!isGiven) return [];
    const hint = key[0] === 'runtime' ? 'write the job under jobs of the service that needs it' : 'leave it out';
    const message =
      key[0] === 'runtime' ? 'has no service that is a job' : 'belongs to instances that stay, and a job ends';
    return [{ path: [...path, ...key], atKey: true, message, hint, reads: [[...path, 'strategy', 'kind']] }];
  });
}
