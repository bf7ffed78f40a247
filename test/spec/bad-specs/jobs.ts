import { api, type BadSpec, routed, unit } from './shapes';

export const badJobs: BadSpec[] = [
  {
    name: 'a job without a command',
    yaml: api('jobs: [{ name: expand }]'),
    message:
      'belay.yaml:5:12 services.api.jobs[0].command: is missing — write command: … (The program and its arguments; the entrypoint of the image stays)',
  },
  {
    name: 'a job whose command is one text',
    yaml: api('jobs: [{ name: expand, command: npm run migrate }]'),
    message: 'belay.yaml:5:37 services.api.jobs[0].command: is one text — write a list, as [npm, run, migrate]',
  },
  {
    name: 'a job whose command is a mapping',
    yaml: api('jobs: [{ name: expand, command: { run: up } }]'),
    message:
      'belay.yaml:5:37 services.api.jobs[0].command: is not a command — write a list of the program and its arguments, such as [npm, run, migrate]',
  },
  {
    name: 'a job that takes no time',
    yaml: api('jobs: [{ name: expand, command: [up], timeout: 0s }]'),
    message: 'belay.yaml:5:52 services.api.jobs[0].timeout: takes no time at all — write more than 0s',
  },
  {
    name: 'two jobs of one name',
    yaml: api('jobs: [{ name: expand, command: [up] }, { name: expand, command: [on] }]'),
    message:
      'belay.yaml:5:53 services.api.jobs[1].name: is the name of another job of this service — give each a name of its own',
  },
  {
    name: 'a job that is final and is taken back',
    yaml: api('jobs: [{ name: contract, when: after, command: [up], undo: [down], point_of_no_return: true }]'),
    message:
      'belay.yaml:5:58 services.api.jobs[0].undo: takes back a job that is a point of no return — leave one of the two out',
  },
  {
    name: 'a job that is taken back and does not tell if anything is to be done',
    yaml: api('jobs: [{ name: expand, command: [up], undo: [down] }]'),
    message:
      'belay.yaml:5:43 services.api.jobs[0].undo: would take back the work of an earlier release, where this one has nothing to do — write pending too: a command that exits with 0 if nothing is to be done',
  },
  {
    name: 'a job after the change beside a warm set',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
strategy: { kind: blue-green, warm: 1h }
jobs: [{ name: contract, when: after, command: [up] }]`),
    message:
      'belay.yaml:9:36 services.api.jobs[0].when: runs once no former instance does, and strategy.warm keeps them running — write warm: 0s, or let a later release run the job',
  },
  {
    name: 'a service that is a job, with instances',
    yaml: api('strategy: { kind: job }\ninstances: 2'),
    message: 'belay.yaml:6:5 services.api.instances: belongs to instances that stay, and a job ends — leave it out',
  },
  {
    name: 'a unit that is a job',
    yaml: unit('strategy: { kind: job }'),
    message:
      'belay.yaml:4:5 services.worker.runtime: has no service that is a job — write the job under jobs of the service that needs it',
  },
  {
    name: 'a job of a unit whose program has no path',
    yaml: unit('artifact: { folder: dist, install: /opt/worker }\njobs: [{ name: expand, command: [migrate, up] }]'),
    message:
      'belay.yaml:7:38 services.worker.jobs[0].command[0]: names a program without its folder — write its path, such as /usr/bin/migrate, or ./migrate in artifact.install',
  },
  {
    name: 'a job of a unit with a path in an artifact that is one file',
    yaml: unit(
      'artifact: { file: worker, install: /opt/worker }\njobs: [{ name: expand, command: [/opt/worker, up], pending: [bin/down] }]',
    ),
    message:
      'belay.yaml:7:66 services.worker.jobs[0].pending[0]: is a path in artifact.install, and that is one file — write a path that begins with /, such as /opt/worker',
  },
  {
    name: 'a job of a unit with a path in an artifact that is not there',
    yaml: unit('jobs: [{ name: expand, command: [./up] }]'),
    message:
      'belay.yaml:6:38 services.worker.jobs[0].command[0]: is a path in artifact.install, and the service has no artifact — write a path that begins with /',
  },
];
