import { api, type BadSpec, lines } from './shapes';

/** Needs that nothing could meet. */
export const badNeeds: BadSpec[] = [
  {
    name: 'two needs in one',
    yaml: api('needs: [{ tcp: "a:1", grpc: "a:1" }]'),
    message:
      'belay.yaml:5:13 services.api.needs[0]: has tcp and grpc — write exactly one of service, http, tcp, postgres, redis and grpc',
  },
  {
    name: 'a need of nothing',
    yaml: api('needs: [{ required: false }]'),
    message:
      'belay.yaml:5:13 services.api.needs[0]: does not say what is needed — write exactly one of service, http, tcp, postgres, redis and grpc',
  },
  {
    name: 'a need of itself',
    yaml: api('needs: [{ service: api }]'),
    message: 'belay.yaml:5:24 services.api.needs[0].service: is the service itself — leave it out',
  },
  {
    name: 'a need of a service that is not there',
    yaml: api('needs: [{ service: db }]'),
    message: 'belay.yaml:5:24 services.api.needs[0].service: there is no service db in this file — write one of api',
  },
  {
    name: 'patience with a service of the file',
    yaml: api('needs: [{ service: api, within: 5s }]'),
    message: lines(
      'belay.yaml:5:24 services.api.needs[0].service: is the service itself — leave it out',
      'belay.yaml:5:29 services.api.needs[0].within: is for dependencies outside of this file; a service in it is ready by its own health.ready — leave it out',
    ),
  },
  {
    name: 'a status of a database',
    yaml: api('needs: [{ redis: "redis://r", status: 200 }]'),
    message: 'belay.yaml:5:35 services.api.needs[0].status: belongs to http — leave it out',
  },
  {
    name: 'an address without http',
    yaml: api('needs: [{ http: "flags:9000" }]'),
    message:
      'belay.yaml:5:21 services.api.needs[0].http: is not an address — write one such as http://flags:9000/health',
  },
  {
    name: 'a tcp need without a port',
    yaml: api('needs: [{ tcp: temporal }]'),
    message: 'belay.yaml:5:20 services.api.needs[0].tcp: is not host:port — write one such as temporal:7233',
  },
  {
    name: 'a database of another kind',
    yaml: api('needs: [{ postgres: "mysql://db" }]'),
    message: `belay.yaml:5:25 services.api.needs[0].postgres: is not the address of a PostgreSQL database — write one such as postgres://shop:\${PASSWORD}@db:5432/shop`,
  },
  {
    name: 'a Redis without its scheme',
    yaml: api('needs: [{ redis: "r:6379" }]'),
    message: `belay.yaml:5:22 services.api.needs[0].redis: is not the address of a Redis — write one such as redis://:\${PASSWORD}@redis:6379`,
  },
  {
    name: 'a gRPC need with a scheme',
    yaml: api('needs: [{ grpc: "http://a:1" }]'),
    message:
      'belay.yaml:5:21 services.api.needs[0].grpc: is not host:port — write one such as orders:50051, or orders:50051/shop.Orders for one service of it',
  },
  {
    name: 'a need that takes no time',
    yaml: api('needs: [{ tcp: "a:1", within: 0s }]'),
    message: 'belay.yaml:5:35 services.api.needs[0].within: takes no time at all — write more than 0s',
  },
  {
    name: 'a need that takes a day',
    yaml: api('needs: [{ tcp: "a:1", within: 1d }]'),
    message: 'belay.yaml:5:35 services.api.needs[0].within: is longer than an hour — write 1h or less',
  },
  {
    name: 'a need by command',
    yaml: api('needs: [{ command: [true] }]'),
    message:
      'belay.yaml:5:15 services.api.needs[0].command: `command` is not built yet — write http, tcp, postgres, redis or grpc, whichever it answers by',
  },
];
