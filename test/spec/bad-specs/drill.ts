import { api, type BadSpec, unit } from './shapes';

export const badDrills: BadSpec[] = [
  {
    name: 'a drill at another time',
    yaml: api('drill: after'),
    message:
      'belay.yaml:5:12 services.api.drill: is neither before nor an object — write drill: before, or drill: { when: before, path: /slow }',
  },
  {
    name: 'a misspelt key of a drill',
    yaml: api('drill: { paht: /slow }'),
    message: 'belay.yaml:5:14 services.api.drill.paht: is not a known key — did you mean path?',
  },
  {
    name: 'an unknown key of a drill',
    yaml: api('drill: { retries: 2 }'),
    message:
      'belay.yaml:5:14 services.api.drill.retries: is not a known key — the keys here are when, path, settle, wait',
  },
  {
    name: 'a wrong value of a drill',
    yaml: api('drill: { path: slow, when: before }'),
    message: 'belay.yaml:5:20 services.api.drill.path: is not a path — write one that starts with /, such as /ready',
  },
  {
    name: 'a misspelt key of a drill beside a wrong value',
    yaml: api('drill: { paht: /slow, when: after }'),
    message:
      'belay.yaml:5:14 services.api.drill.paht: is not a known key — did you mean path?\nbelay.yaml:5:33 services.api.drill.when: takes only before, not "after"',
  },
  {
    name: 'a drill of a unit at a port of its own',
    yaml: unit('drill: before\nhealth: { ready: { http: /ready, port: 9001 } }'),
    message:
      'belay.yaml:6:12 services.worker.drill: needs a second instance, which would find port 9001 of worker.service taken — write template and ports in place of unit, or leave drill out',
  },
  {
    name: 'a drill of a job',
    yaml: api('drill: before\nstrategy: { kind: job }'),
    message: 'belay.yaml:5:12 services.api.drill: tests a shutdown, and a job ends by itself — leave drill out',
  },
];
