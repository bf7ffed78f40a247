import { type BadSpec, routed, top } from './shapes';

/** Tests of a whole platform that are refused. */
export const badPlatformTests: BadSpec[] = [
  {
    name: 'a path without a host',
    yaml: top('validate: [{ name: smoke, http: /health }]'),
    message: 'belay.yaml:1:33 validate[0].http: is not an address — write one such as http://flags:9000/health',
  },
  {
    name: 'an address that is one instance or another',
    yaml: `validate: [{ name: smoke, http: "http://api:80/" }]\n${routed('routes: [{ proxy: edge, port: 80 }]')}`,
    message:
      'belay.yaml:1:33 validate[0].http: names api, which is any one of its instances, in traffic or not — write the address that clients come to, or write the test in validate of api',
  },
  {
    name: 'a path over TLS without a host',
    yaml: top('validate: [{ name: smoke, https: /health }]'),
    message:
      'belay.yaml:1:27 validate[0].https: asks an instance, and a test of the whole platform asks an address — write http: https://…',
  },
  {
    name: 'a port without a host',
    yaml: top('validate: [{ name: smoke, tcp: 80 }]'),
    message: 'belay.yaml:1:32 validate[0].tcp: is not host:port — write one such as temporal:7233',
  },
  {
    name: 'a port of gRPC without a host',
    yaml: top('validate: [{ name: smoke, grpc: 50051 }]'),
    message:
      'belay.yaml:1:33 validate[0].grpc: is not host:port — write one such as orders:50051, or orders:50051/shop.Orders for one service of it',
  },
  {
    name: "Docker's own check of a whole platform",
    yaml: top('validate: [{ name: smoke, docker: true }]'),
    message:
      'belay.yaml:1:27 validate[0].docker: asks an instance, and a test of the whole platform asks an address — write it in validate of a service',
  },
  {
    name: 'a program inside a whole platform',
    yaml: top('validate: [{ name: smoke, command: [check], where: container }]'),
    message:
      'belay.yaml:1:45 validate[0].where: is for a check of an instance, and the command of a whole platform always runs on the host — leave it out',
  },
  {
    name: 'a request beside a command',
    yaml: top('validate: [{ name: smoke, command: [check], method: POST }]'),
    message: 'belay.yaml:1:45 validate[0].method: belongs to http — leave it out',
  },
  {
    name: 'a line of the log of a whole platform',
    yaml: top('validate: [{ name: smoke, log: ready }]'),
    message:
      'belay.yaml:1:27 validate[0].log: asks an instance, and a test of the whole platform asks an address — write it in validate of a service',
  },
  {
    name: 'a metric at a port of a whole platform',
    yaml: top('validate: [{ name: smoke, metric: { port: 80, name: queue, max: 1 } }]'),
    message:
      'belay.yaml:1:37 validate[0].metric.port: asks an instance, and a test of the whole platform asks an address — write url: http://localhost:9100/metrics, or metric in validate of a service',
  },
  {
    name: 'a metric of one instance or another',
    yaml: `validate: [{ name: queue, metric: { url: "http://api:80/", name: queue, max: 1 } }]\n${routed('routes: [{ proxy: edge, port: 80 }]')}`,
    message:
      'belay.yaml:1:42 validate[0].metric.url: names api, which is any one of its instances, in traffic or not — write the address that clients come to, or write the test in validate of api',
  },
  {
    name: 'a metric of a platform without bounds',
    yaml: top('validate: [{ name: queue, metric: { url: "http://localhost/", name: queue } }]'),
    message: 'belay.yaml:1:27 validate[0].metric: has no bound — write max, min or both',
  },
  {
    name: 'a password in the address of a metric',
    yaml: top('validate: [{ name: queue, metric: { url: "http://ops:hunter2@localhost/", name: queue, max: 1 } }]'),
    message:
      'belay.yaml:1:42 validate[0].metric.url: has a password in it — write a variable of the env file in its place, such as $PASSWORD',
  },
  {
    name: 'a port beside an address',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", port: 80 }]'),
    message:
      'belay.yaml:1:54 validate[0].port: asks an instance, and a test of the whole platform asks an address — write the port in the address, such as http://localhost:8080/ready',
  },
  {
    name: 'a limit that no watch over a whole platform reaches',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", later: 30s, failures: 3 }]'),
    message:
      'belay.yaml:1:76 validate[0].failures: is 3, and a series of this test makes 3 measurements, so the test could never roll back — write 2 or less, or measure more often',
  },
  {
    name: 'a comparison of a whole platform',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", compare: {} }]'),
    message:
      'belay.yaml:1:54 validate[0].compare: compares instances of a service, and a platform has no version before — write it in validate of a service',
  },
  {
    name: 'a count of a series over a whole release',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", when: [during], count: 3 }]'),
    message:
      'belay.yaml:1:70 validate[0].count: is the length of a series, which lasts as long as the release, or as later says — leave it out',
  },
  {
    name: 'a rhythm of what is made once',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", every: 3s }]'),
    message:
      'belay.yaml:1:54 validate[0].every: belongs to a series, and before and after measure once — leave it out, or write when: [during], or later: 30m',
  },
  {
    name: 'a series whose time is no duration',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", later: 2 minutes, every: 3s, failures: 1 }]'),
    message:
      'belay.yaml:1:61 validate[0].later: is not a duration — write a number and a unit, such as 500ms, 5s, 2m, 4h or 30d',
  },
  {
    name: 'a password in the address of a platform',
    yaml: top('validate: [{ name: smoke, http: "http://ops:hunter2@localhost/" }]'),
    message:
      'belay.yaml:1:33 validate[0].http: has a password in it — write a variable of the env file in its place, such as $PASSWORD',
  },
  {
    name: 'a password in the Prometheus of a platform',
    yaml: top(
      'validate: [{ name: rate, prometheus: { url: "http://ops:hunter2@prometheus:9090", query: up, max: 1 } }]',
    ),
    message:
      'belay.yaml:1:45 validate[0].prometheus.url: has a password in it — write a variable of the env file in its place, such as $PASSWORD',
  },
  {
    name: 'two addresses in one test',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", tcp: "localhost:80" }]'),
    message:
      'belay.yaml:1:12 validate[0]: has http and tcp — write exactly one of http, tcp, postgres, mysql, redis, qdrant, temporal, grpc, command, metric and prometheus',
  },
  {
    name: 'a test of a platform without a kind',
    yaml: top('validate: [{ name: smoke }]'),
    message:
      'belay.yaml:1:12 validate[0]: has no check — write exactly one of http, tcp, postgres, mysql, redis, qdrant, temporal, grpc, command, metric and prometheus',
  },
  {
    name: 'a body of a connection',
    yaml: top('validate: [{ name: smoke, tcp: "localhost:80", json: { ok: true } }]'),
    message: 'belay.yaml:1:48 validate[0].json: belongs to http — leave it out',
  },
  {
    name: 'a role of a request',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", role: master }]'),
    message: 'belay.yaml:1:54 validate[0].role: belongs to redis — leave it out',
  },
  {
    name: 'a mark of instances in a query of a platform',
    yaml: top(
      'validate: [{ name: rate, prometheus: { url: "http://prometheus:9090", query: "up{i=\'{{instances}}\'}", max: 1 } }]',
    ),
    message:
      'belay.yaml:1:78 validate[0].prometheus.query: has {{instances}}, and a whole platform has no new instances — write the test in validate of a service',
  },
  {
    name: 'a count of requests of a platform',
    yaml: top(
      'validate: [{ name: rate, prometheus: { url: "http://prometheus:9090", query: up, requests: up, max: 1 } }]',
    ),
    message:
      'belay.yaml:1:82 validate[0].prometheus.requests: is for a test with compare, and a platform has no version before — leave it out',
  },
  {
    name: 'a query of a platform without bounds',
    yaml: top('validate: [{ name: rate, prometheus: { url: "http://prometheus:9090", query: up } }]'),
    message: 'belay.yaml:1:26 validate[0].prometheus: has no bound — write max, min or both',
  },
  {
    name: 'two tests of a platform with one name',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/" }, { name: smoke, http: "http://localhost/" }]'),
    message:
      'belay.yaml:1:64 validate[1].name: is the name of another test of the platform — give each a name of its own',
  },
  {
    name: 'a moment twice',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", when: [after, after] }]'),
    message: 'belay.yaml:1:60 validate[0].when: names the same moment twice — name each once',
  },
  {
    name: 'a body that a platform is not sent',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", body: x }]'),
    message:
      'belay.yaml:1:54 validate[0].body: is for a request that sends one, and GET sends none — write method: POST',
  },
  {
    name: 'any certificate of a platform in plain text',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", insecure: true }]'),
    message:
      'belay.yaml:1:54 validate[0].insecure: is for a certificate, and the test asks in plain text — leave it out, or write http: https://…',
  },
  {
    name: 'an authority of a platform in plain text',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", ca: ca.pem }]'),
    message:
      'belay.yaml:1:54 validate[0].ca: is for a certificate, and the test asks in plain text — leave it out, or write http: https://…',
  },
  {
    name: 'the name of a certificate of a platform in plain text',
    yaml: top('validate: [{ name: smoke, http: "http://localhost/", server_name: a.example }]'),
    message:
      'belay.yaml:1:54 validate[0].server_name: is for a certificate, and the test asks in plain text — leave it out, or write http: https://…',
  },
];
