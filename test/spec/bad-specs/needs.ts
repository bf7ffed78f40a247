import { api, type BadSpec, lines } from './shapes';

/** Needs that nothing could meet. */
export const badNeeds: BadSpec[] = [
  {
    name: 'two needs in one',
    yaml: api('needs: [{ tcp: "a:1", grpc: "a:1" }]'),
    message:
      'belay.yaml:5:13 services.api.needs[0]: has tcp and grpc — write exactly one of service, http, tcp, postgres, mysql, redis, qdrant, temporal, grpc and command',
  },
  {
    name: 'a need of nothing',
    yaml: api('needs: [{ required: false }]'),
    message:
      'belay.yaml:5:13 services.api.needs[0]: does not say what is needed — write exactly one of service, http, tcp, postgres, mysql, redis, qdrant, temporal, grpc and command',
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
    name: 'a role of a database',
    yaml: api('needs: [{ mysql: "mysql://r", role: any, collection: a, recovery: true }]'),
    message: lines(
      'belay.yaml:5:35 services.api.needs[0].role: belongs to redis — leave it out',
      'belay.yaml:5:46 services.api.needs[0].collection: belongs to qdrant — leave it out',
      'belay.yaml:5:61 services.api.needs[0].recovery: belongs to postgres — leave it out',
    ),
  },
  {
    name: 'a query of what takes none',
    yaml: api('needs: [{ tcp: "a:1", query: select 1 }]'),
    message: 'belay.yaml:5:27 services.api.needs[0].query: belongs to postgres and mysql — leave it out',
  },
  {
    name: 'a query that changes something',
    yaml: api('needs: [{ mysql: "mysql://r", query: delete from plans }]'),
    message:
      'belay.yaml:5:42 services.api.needs[0].query: is not a query — write one such as select count(*) > 0 from plans',
  },
  {
    name: 'a MySQL of another kind',
    yaml: api('needs: [{ mysql: "postgres://db" }]'),
    message: `belay.yaml:5:22 services.api.needs[0].mysql: is not the address of a MySQL database — write one such as mysql://shop:\${PASSWORD}@db:3306/shop`,
  },
  {
    name: 'a Temporal with a scheme',
    yaml: api('needs: [{ temporal: "http://a:7233" }]'),
    message:
      'belay.yaml:5:25 services.api.needs[0].temporal: is not host:port — write one such as temporal:7233, or temporal:7233/shop for a namespace of its own',
  },
  {
    name: 'a Qdrant without its scheme',
    yaml: api('needs: [{ qdrant: "qdrant:6333" }]'),
    message: `belay.yaml:5:23 services.api.needs[0].qdrant: is not the address of a Qdrant — write one such as http://qdrant:6333, or http://:\${KEY}@qdrant:6333`,
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
    name: 'a need by a command that is one text',
    yaml: api('needs: [{ command: ./bin/kafka-up --topic orders }]'),
    message:
      'belay.yaml:5:24 services.api.needs[0].command: is one text — write a list, as [./bin/kafka-up, --topic, orders]',
  },
  {
    name: 'a place for the command of a need',
    yaml: api('needs: [{ command: [./bin/kafka-up], where: host }]'),
    message:
      'belay.yaml:5:42 services.api.needs[0].where: is for a check of an instance, and the command of a need always runs on the host — leave it out',
  },
];
