import { api, type BadSpec, behindNginx, commanded, edge, managed, routed } from './shapes';

/** Well-formed specs that contradict themselves. */
export const refused: BadSpec[] = [
  {
    name: 'a version at no place',
    yaml: api('version: { http: /version, port: 80 }'),
    message:
      'belay.yaml:5:5 services.api.version: does not say where in the answer it is — write exactly one of json and header',
  },
  {
    name: 'a version at two places',
    yaml: api('version: { http: /version, port: 80, json: version, header: x-version }'),
    message: 'belay.yaml:5:5 services.api.version: has json and header — write exactly one of json and header',
  },
  {
    name: 'a version at no port',
    yaml: api('version: { http: /version, json: version }'),
    message:
      'belay.yaml:5:5 services.api.version.port: is missing, and there is no route to take it from — write port: …, the one that the container listens on',
  },
  {
    name: 'liveness without a check',
    yaml: api('health: { live: { failures: 2 } }'),
    message:
      'belay.yaml:5:21 services.api.health.live: has no check — write exactly one of http, https, tcp, grpc, docker, command and metric',
  },
  {
    name: 'liveness at no port',
    yaml: api('health: { live: { http: /live } }'),
    message:
      'belay.yaml:5:15 services.api.health.live.port: is missing, and there is no route to take it from — write port: …, the one that the container listens on',
  },
  {
    name: 'a proxy that is not there',
    yaml: routed('routes: [{ proxy: egde, port: 80 }]'),
    message: 'belay.yaml:7:23 services.api.routes[0].proxy: there is no proxy egde — did you mean edge?',
  },
  {
    name: 'a proxy like no other',
    yaml: routed('routes: [{ proxy: internet, port: 80 }]'),
    message:
      'belay.yaml:7:23 services.api.routes[0].proxy: there is no proxy internet — write edge, or add it under proxies',
  },
  {
    name: 'a proxy where there are none',
    yaml: api('routes: [{ proxy: edge, port: 80 }]'),
    message: 'belay.yaml:5:23 services.api.routes[0].proxy: there is no proxy edge — add it under proxies',
  },
  {
    name: 'neither surge nor unavailable',
    yaml: api(`instances: 3
strategy: { kind: rolling, surge: 0 }`),
    message:
      'belay.yaml:6:39 services.api.strategy.surge: surge 0 and unavailable 0 would block every replacement — write surge: 1 (one more runs meanwhile), or unavailable: 1 (one fewer)',
  },
  {
    name: 'no surge, in percent',
    yaml: api(`instances: 3
strategy: { kind: rolling, surge: 0%, unavailable: 0% }`),
    message:
      'belay.yaml:6:39 services.api.strategy.surge: surge 0 and unavailable 0 would block every replacement — write surge: 1 (one more runs meanwhile), or unavailable: 1 (one fewer)',
  },
  {
    name: 'a share of unavailable instances that is none',
    yaml: api(`instances: 3
strategy: { kind: rolling, surge: 0, unavailable: 25% }`),
    message:
      'belay.yaml:6:39 services.api.strategy.surge: surge 0 and unavailable 25%, which is none of 3 instances, would block every replacement — write surge: 1 (one more runs meanwhile), or unavailable: 1 (one fewer)',
  },
  {
    name: 'more than all as surge',
    yaml: api('strategy: { kind: rolling, surge: 150% }'),
    message: 'belay.yaml:5:39 services.api.strategy.surge: takes 100% or less, not 150%',
  },
  {
    name: 'all instances unavailable',
    yaml: api(`instances: 3
strategy: { kind: rolling, unavailable: 3 }`),
    message:
      'belay.yaml:6:45 services.api.strategy.unavailable: leaves no instance in traffic: 3 of 3 instances may be missing — write fewer than there are instances',
  },
  {
    name: 'the only instance unavailable',
    yaml: api('strategy: { kind: rolling, unavailable: 1 }'),
    message:
      'belay.yaml:5:45 services.api.strategy.unavailable: leaves no instance in traffic: 1 of 1 instance may be missing — write 0, with surge: 1',
  },
  {
    name: 'all instances of Compose unavailable',
    yaml: `platform: shop
compose: compose.yaml
services:
  api: { strategy: { kind: rolling, unavailable: 100% } }
`,
    message:
      'belay.yaml:4:50 services.api.strategy.unavailable: leaves no instance in traffic: 100% of all instances may be missing — write fewer than there are instances',
  },
  {
    name: 'a pause that is never reached',
    yaml: api(`instances: 3
strategy: { kind: rolling, pause_after: 3 }`),
    message:
      'belay.yaml:6:45 services.api.strategy.pause_after: is never reached with 3 instances — write 2 or less, or leave it out',
  },
  {
    name: 'a pause with one instance',
    yaml: api('strategy: { kind: rolling, pause_after: 1 }'),
    message: 'belay.yaml:5:45 services.api.strategy.pause_after: is never reached with 1 instance — leave it out',
  },
  {
    name: 'too few reserved ports',
    yaml:
      edge +
      `platform: shop
hosts: { local: { ports: 20000-20004 } }
services:
  api: { image: shop/api:1, instances: 3, routes: [{ proxy: edge, port: 80 }] }
  web: { image: shop/web:1, routes: [{ proxy: edge, port: 80 }] }
`,
    message:
      'belay.yaml:4:26 hosts.local.ports: 20000-20004 holds 5 ports, and the instances of a release need 6 — write 20000-20005 or more',
  },
  {
    name: 'a backend of two services',
    yaml:
      edge +
      `platform: shop
services:
  api: { image: shop/api:1, routes: [{ proxy: edge, port: 80 }] }
  web: { image: shop/web:1, routes: [{ proxy: edge, backend: api, port: 80 }] }
`,
    message:
      'belay.yaml:6:62 services.web.routes[0].backend: api of proxy edge is taken by service api — give each route a backend of its own',
  },
  {
    name: 'two routes to one backend',
    yaml: routed('routes: [{ proxy: edge, port: 80 }, { proxy: edge, port: 81 }]'),
    message:
      'belay.yaml:7:41 services.api.routes[1].backend: api of proxy edge is taken by another route of this service — give each route a backend of its own',
  },
  {
    name: 'no image and no Compose file',
    yaml: `platform: shop
services:
  api: {}
`,
    message:
      'belay.yaml:3:3 services.api.image: is missing, and there is no Compose file to take it from — write image: …, or compose: compose.yaml at the top',
  },
  {
    name: 'an environment beside Compose',
    yaml: `platform: shop
compose: compose.yaml
services:
  api: { env: { A: b } }
`,
    message:
      'belay.yaml:4:10 services.api.env: cannot be used with compose — write it in compose.yaml, as environment of the service',
  },
  {
    name: 'volumes beside Compose',
    yaml: `platform: shop
compose: compose.yaml
services:
  api: { volumes: ["data:/data:ro"] }
`,
    message:
      'belay.yaml:4:10 services.api.volumes: cannot be used with compose — write it in compose.yaml, as volumes of the service',
  },
  {
    name: 'an http check without a port',
    yaml: api('health: { ready: { http: /ready } }'),
    message:
      'belay.yaml:5:15 services.api.health.ready.port: is missing, and there is no route to take it from — write port: …, the one that the container listens on',
  },
  {
    name: 'a test without a port',
    yaml: api('validate: [{ name: smoke, http: / }]'),
    message:
      'belay.yaml:5:16 services.api.validate[0].port: is missing, and there is no route to take it from — write port: …, the one that the container listens on',
  },
  {
    name: 'two tests of one name',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
validate: [{ name: smoke, http: /a }, { name: smoke, http: /b }]`),
    message:
      'belay.yaml:8:51 services.api.validate[1].name: is the name of another test of this service — give each a name of its own',
  },
  {
    name: 'a test twice at one moment',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
validate: [{ name: smoke, http: /, when: [after, after] }]`),
    message: 'belay.yaml:8:46 services.api.validate[0].when: names the same moment twice — name each once',
  },
  {
    name: 'a count of a test that is made once',
    yaml: routed(`
validate: [{ name: smoke, http: /, port: 80, count: 3 }]`),
    message:
      'belay.yaml:8:50 services.api.validate[0].count: belongs to a series, and before and after measure once — leave it out, or write when: [during], or later: 30m',
  },
  {
    name: 'a later series whose time is no duration',
    yaml: routed(`
validate: [{ name: smoke, http: /, port: 80, later: 2 minutes, every: 3s, failures: 1 }]`),
    message:
      'belay.yaml:8:57 services.api.validate[0].later: is not a duration — write a number and a unit, such as 500ms, 5s, 2m, 4h or 30d',
  },
  {
    name: 'more failures than a series has measurements',
    yaml: routed(`
validate: [{ name: smoke, http: /, port: 80, when: [during], failures: 6, inconclusive: 5 }]`),
    message:
      'belay.yaml:8:76 services.api.validate[0].failures: is 6, and a series of this test makes 6 measurements, so the test could never roll back — write 5 or less, or measure more often',
  },
  {
    name: 'as many failures as a watch has measurements',
    yaml: routed(`
validate: [{ name: smoke, http: /, port: 80, later: 1m, every: 30s, failures: 2 }]`),
    message:
      'belay.yaml:8:83 services.api.validate[0].failures: is 2, and a series of this test makes 2 measurements, so the test could never roll back — write 1 or less, or measure more often',
  },
  {
    name: 'as many failures as the longest step of a canary has measurements',
    yaml: routed(`
routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, steps: [{ weight: 10, soak: 20s }, { weight: 20, soak: 30s }] }
validate: [{ name: smoke, http: /, when: [during], failures: 3 }]`),
    message:
      'belay.yaml:10:66 services.api.validate[0].failures: is 3, and a series of this test makes 3 measurements, so the test could never roll back — write 2 or less, or measure more often',
  },
  {
    name: 'as many measurements without an answer as a series has',
    yaml: routed(`
validate: [{ name: smoke, http: /, port: 80, when: [during], count: 3, inconclusive: 3 }]`),
    message:
      'belay.yaml:8:90 services.api.validate[0].inconclusive: is 3, and a series of this test makes 3 measurements, so the test could never hold the release — write 2 or less, or measure more often',
  },
  {
    name: 'too few values to compare',
    yaml: routed(`
routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, baseline: true, steps: [{ weight: 10 }] }
validate: [{ name: home, http: /, when: [during], count: 4, compare: {} }]`),
    message:
      'belay.yaml:10:62 services.api.validate[0].count: is 4, and fewer than 5 values on a side can only hold the release — write 5 or more',
  },
  {
    name: 'a test of two kinds',
    yaml: routed(`
validate: [{ name: smoke, http: /, port: 80, tcp: 80 }]`),
    message:
      'belay.yaml:8:16 services.api.validate[0]: has http and tcp — write exactly one of http, https, tcp, grpc, docker, command, metric, log and prometheus',
  },
  {
    name: 'a test without a kind',
    yaml: routed(`
validate: [{ name: smoke, when: [during] }]`),
    message:
      'belay.yaml:8:16 services.api.validate[0]: has no check — write exactly one of http, https, tcp, grpc, docker, command, metric and prometheus',
  },
  {
    name: 'a query without bounds',
    yaml: routed(`
validate: [{ name: rate, prometheus: { url: "http://prometheus:9090", query: up } }]`),
    message: 'belay.yaml:8:30 services.api.validate[0].prometheus: has no bound — write max, min or both',
  },
  {
    name: 'a query with an unknown mark',
    yaml: routed(`
validate: [{ name: rate, prometheus: { url: "http://prometheus:9090", query: "up{v='{{version}}'}", max: 1 } }]`),
    message:
      'belay.yaml:8:82 services.api.validate[0].prometheus.query: has a mark that Belay does not know — write {{revision}}, {{instances}} or {{servers}}',
  },
  {
    name: 'a comparison without instances to compare with',
    yaml: routed(`
validate: [{ name: home, http: /, port: 80, when: [during], compare: {} }]`),
    message:
      'belay.yaml:8:65 services.api.validate[0].compare: needs instances of the version before to compare with — write strategy: { kind: canary, baseline: true, steps: […] }',
  },
  {
    name: 'a comparison after a release',
    yaml: routed(`
routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, baseline: true, steps: [{ weight: 10 }] }
validate: [{ name: home, http: /, compare: {} }]`),
    message: 'belay.yaml:10:39 services.api.validate[0].compare: compares during a canary — write when: [during]',
  },
  {
    name: 'a comparison of connections',
    yaml: routed(`
routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, baseline: true, steps: [{ weight: 10 }] }
validate: [{ name: home, tcp: 80, when: [during], compare: {} }]`),
    message:
      'belay.yaml:10:55 services.api.validate[0].compare: compares times, values and errors, which this kind has none of — write http, https or prometheus',
  },
  {
    name: 'a limit of a comparison',
    yaml: routed(`
routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, baseline: true, steps: [{ weight: 10 }] }
validate: [{ name: home, http: /, when: [during], failures: 3, compare: {} }]`),
    message: 'belay.yaml:10:55 services.api.validate[0].failures: is for a test that compares nothing — leave it out',
  },
  {
    name: 'a baseline that nothing is compared with',
    yaml: routed(`
routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, baseline: true, steps: [{ weight: 10 }] }`),
    message:
      'belay.yaml:9:31 services.api.strategy.baseline: launches instances that nothing is compared with — write compare: {} in a test of validate, or leave it out',
  },
  {
    name: 'a baseline that leaves nothing to others',
    yaml: routed(`
routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, baseline: true, steps: [{ weight: 50 }] }
validate: [{ name: home, http: /, when: [during], compare: {} }]`),
    message:
      'belay.yaml:9:65 services.api.strategy.steps[0].weight: leaves nothing to the others, as the baseline takes the same share — write 49 or less',
  },
  {
    name: 'a count of requests that nothing is compared by',
    yaml: routed(`
validate: [{ name: rate, prometheus: { url: "http://prometheus:9090", query: up, requests: up, max: 1 } }]`),
    message: 'belay.yaml:8:86 services.api.validate[0].prometheus.requests: is for a test with compare — leave it out',
  },
  {
    name: 'a password in the address of a Prometheus',
    yaml: routed(`
validate: [{ name: rate, prometheus: { url: "http://ops:hunter2@prometheus:9090", query: up, max: 1 } }]`),
    message:
      'belay.yaml:8:49 services.api.validate[0].prometheus.url: has a password in it — write a variable of the env file in its place, such as $PASSWORD',
  },
  ...['ops:$$hunter2', 'ops:hunt/er2', `ops:\${PASSWORD:-hunter2}`, 'token'].map((credentials) => ({
    name: `${credentials} in the address of a Prometheus`,
    yaml: routed(`
validate: [{ name: rate, prometheus: { url: "http://${credentials}@prometheus:9090", query: up, max: 1 } }]`),
    message:
      'belay.yaml:8:49 services.api.validate[0].prometheus.url: has a password in it — write a variable of the env file in its place, such as $PASSWORD',
  })),
  {
    name: 'a writable volume',
    yaml: api('volumes: ["data:/data"]'),
    message:
      'belay.yaml:5:15 services.api.volumes[0]: is writable, and in a rolling release the old and the new version would write to it at once — write data:/data:ro, or strategy: { kind: recreate }, which stops the old one first, or shared_volumes: true where that is safe',
  },
  {
    name: 'a writable volume of two instances that are recreated',
    yaml: api(`instances: 2
strategy: { kind: recreate }
volumes: ["data:/data"]`),
    message:
      'belay.yaml:7:15 services.api.volumes[0]: is writable, and 2 instances would write to it at once — write data:/data:ro, or instances: 1, or shared_volumes: true where that is safe',
  },
  {
    name: 'a canary without a proxy',
    yaml: api('strategy: { kind: canary, steps: [{ weight: 5 }] }'),
    message:
      'belay.yaml:5:23 services.api.strategy.kind: canary needs a route through a proxy, where the share of the traffic could be set — add a route, or write rolling',
  },
  {
    name: 'blue-green without a proxy',
    yaml: api('strategy: { kind: blue-green }'),
    message:
      'belay.yaml:5:23 services.api.strategy.kind: blue-green needs a route through a proxy, where the traffic could be switched — add a route, or write rolling',
  },
  {
    name: 'a share that does not grow',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, steps: [{ weight: 25 }, { weight: 25 }] }`),
    message:
      'belay.yaml:8:65 services.api.strategy.steps[1].weight: is not above the 25 of the step before — let the share grow from step to step',
  },
  {
    name: 'a share of nobody',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, steps: [{ weight: 0 }] }`),
    message:
      'belay.yaml:8:49 services.api.strategy.steps[0].weight: sends nobody to the new version — write 1 or more, or choose clients by strategy.match',
  },
  {
    name: 'chosen clients beside a baseline',
    yaml: routed(`
routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, match: { cookie: { name: beta } }, baseline: true, steps: [{ weight: 10 }] }
validate: [{ name: home, http: /, when: [during], compare: {} }]`),
    message:
      'belay.yaml:9:31 services.api.strategy.match: gives the canaries other clients than the baseline, so both cannot be compared — write match or baseline',
  },
  {
    name: 'a choice of clients that chooses nobody',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, match: {}, steps: [{ weight: 10 }] }`),
    message: 'belay.yaml:8:38 services.api.strategy.match: chooses nobody — write header, cookie or addresses',
  },
  {
    name: 'chosen clients of a name that is none',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, match: { addresses: [office] }, steps: [{ weight: 10 }] }`),
    message:
      'belay.yaml:8:52 services.api.strategy.match.addresses[0]: is no address — write one such as 192.0.2.7, or a range such as 10.0.0.0/8',
  },
  {
    name: 'a header whose value is a line of a configuration',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
strategy: { kind: canary, match: { header: { name: X-Beta, value: "a } b" } }, steps: [{ weight: 10 }] }`),
    message:
      'belay.yaml:8:71 services.api.strategy.match.header.value: is no such value — write letters, digits and . _ : / = + @ -, such as "yes"',
  },
  {
    name: 'chosen clients behind nginx',
    yaml: behindNginx(`routes: [{ proxy: web, port: 80 }]
strategy: { kind: canary, match: { cookie: { name: beta } }, steps: [{ weight: 10 }] }`),
    message:
      'belay.yaml:8:31 services.api.strategy.match: proxy web cannot choose clients — leave it out, or let the route lead through a HAProxy',
  },
  {
    name: 'a volume that says it is writable',
    yaml: api('volumes: ["data:/data:rw"]'),
    message:
      'belay.yaml:5:15 services.api.volumes[0]: is writable, and in a rolling release the old and the new version would write to it at once — write data:/data:ro, or strategy: { kind: recreate }, which stops the old one first, or shared_volumes: true where that is safe',
  },
  {
    name: 'a time-out beyond all the time there is',
    yaml: api('health: { ready: { tcp: 80, timeout: 2m } }'),
    message:
      'belay.yaml:5:42 services.api.health.ready.timeout: is longer than within (1m), so one check could use up all the time — write a shorter timeout, or a longer within',
  },
  {
    name: 'two checks in one',
    yaml: api('health: { ready: { docker: true, http: /ready, port: 80 } }'),
    message:
      'belay.yaml:5:22 services.api.health.ready: has http and docker — write exactly one of http, https, tcp, grpc, docker, command, metric and log',
  },
  {
    name: 'a check of nothing',
    yaml: api('health: { ready: { every: 1s } }'),
    message:
      'belay.yaml:5:22 services.api.health.ready: has no check — write exactly one of http, https, tcp, grpc, docker, command, metric and log',
  },
  {
    name: 'a body expected of a tcp check',
    yaml: api('health: { ready: { tcp: 80, json: { up: true } } }'),
    message: 'belay.yaml:5:33 services.api.health.ready.json: belongs to a check of http or https — leave it out',
  },
  {
    name: 'headers beside a tcp check',
    yaml: api('health: { ready: { tcp: 80, headers: { host: a.example } } }'),
    message: 'belay.yaml:5:33 services.api.health.ready.headers: belongs to a check of http or https — leave it out',
  },
  {
    name: 'a port beside a tcp check',
    yaml: api('health: { ready: { tcp: 80, port: 80 } }'),
    message:
      'belay.yaml:5:33 services.api.health.ready.port: belongs to a check of http, https or command — leave it out',
  },
  {
    name: 'the name in a certificate, without TLS',
    yaml: api('health: { ready: { http: /, port: 80, server_name: a.example } }'),
    message:
      'belay.yaml:5:43 services.api.health.ready.server_name: belongs to a check of https or grpc — leave it out',
  },
  {
    name: 'an https check without a port',
    yaml: api('health: { ready: { https: / } }'),
    message:
      'belay.yaml:5:15 services.api.health.ready.port: is missing, and there is no route to take it from — write port: …, the one that the container listens on',
  },
  {
    name: 'a place for a check that is no command',
    yaml: api('health: { ready: { tcp: 80, where: host } }'),
    message: 'belay.yaml:5:33 services.api.health.ready.where: belongs to a check of command — leave it out',
  },
  {
    name: 'a command in a place that is neither container nor host',
    yaml: api('health: { live: { command: [up], where: worker } }'),
    message: 'belay.yaml:5:45 services.api.health.live.where: takes one of container, host, not "worker"',
  },
  {
    name: 'a port of a command in the container',
    yaml: api('validate: [{ name: up, command: [up], port: 80 }]'),
    message:
      'belay.yaml:5:43 services.api.validate[0].port: is what a command on the host is told, and this one runs in the container — write where: host, or leave it out',
  },
  {
    name: 'a check by a command that is one text',
    yaml: api('health: { ready: { command: node /app/check.mjs } }'),
    message: 'belay.yaml:5:33 services.api.health.ready.command: is one text — write a list, as [node, /app/check.mjs]',
  },
  {
    name: 'a body of a request that sends none',
    yaml: api('health: { ready: { http: /, port: 80, body: x } }'),
    message:
      'belay.yaml:5:43 services.api.health.ready.body: is for a request that sends one, and GET sends none — write method: POST',
  },
  {
    name: 'a body expected of HEAD',
    yaml: api('health: { ready: { http: /, port: 80, method: HEAD, json: { up: true } } }'),
    message:
      'belay.yaml:5:57 services.api.health.ready.json: looks at a body, and an answer to HEAD has none — write method: GET',
  },
  {
    name: 'an answer that may be later than the time-out',
    yaml: api('health: { ready: { http: /, port: 80, slowest: 3s } }'),
    message:
      'belay.yaml:5:52 services.api.health.ready.slowest: is longer than timeout (2s), which ends a check before — write a shorter slowest, or a longer timeout',
  },
  {
    name: 'a status of a tcp check',
    yaml: api('health: { ready: { tcp: 80, status: 200 } }'),
    message: 'belay.yaml:5:33 services.api.health.ready.status: belongs to a check of http or https — leave it out',
  },
  {
    name: 'a gRPC service of a tcp check',
    yaml: api('health: { ready: { tcp: 80, service: shop.Orders } }'),
    message: 'belay.yaml:5:33 services.api.health.ready.service: belongs to a check of grpc — leave it out',
  },
  {
    name: 'a message without a call',
    yaml: api('health: { ready: { grpc: 80, message: { id: x } } }'),
    message:
      'belay.yaml:5:34 services.api.health.ready.message: belongs to a call, and the check asks the health service — write call: …, such as shop.Orders/Get',
  },
  {
    name: 'a proto file without a call',
    yaml: api('health: { ready: { grpc: 80, proto: orders.proto } }'),
    message:
      'belay.yaml:5:34 services.api.health.ready.proto: belongs to a call, and the check asks the health service — write call: …, such as shop.Orders/Get',
  },
  {
    name: 'a proto file outside of the folder',
    yaml: api('health: { ready: { grpc: 80, call: a.B/C, proto: /etc/orders.proto } }'),
    message:
      'belay.yaml:5:54 services.api.health.ready.proto: is not a proto file of this folder — write its name, such as proto/orders.proto',
  },
  {
    name: 'another file in place of a proto file',
    yaml: api('health: { ready: { grpc: 80, call: a.B/C, proto: secret } }'),
    message:
      'belay.yaml:5:54 services.api.health.ready.proto: is not a proto file of this folder — write its name, such as proto/orders.proto',
  },
  {
    name: 'a service of the health check beside a call',
    yaml: api('health: { ready: { grpc: 80, call: a.B/C, service: a.B } }'),
    message:
      'belay.yaml:5:47 services.api.health.ready.service: belongs to the health service, and the check calls a method of its own — leave it out',
  },
  {
    name: 'a call of no method',
    yaml: api('health: { ready: { grpc: 80, call: shop.Orders } }'),
    message:
      'belay.yaml:5:40 services.api.health.ready.call: is not the name of a method — write one such as shop.Orders/Get',
  },
  {
    name: 'a code that no program tells',
    yaml: api('health: { ready: { grpc: 80, call: a.B/C, codes: [UNAVAILABLE] } }'),
    message:
      'belay.yaml:5:55 services.api.health.ready.codes[0]: takes one of OK, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, FAILED_PRECONDITION, OUT_OF_RANGE, UNAUTHENTICATED, not "UNAVAILABLE"',
  },
  {
    name: 'the name in a certificate of a gRPC check in plain text',
    yaml: api('health: { ready: { grpc: 80, server_name: a.example } }'),
    message:
      'belay.yaml:5:34 services.api.health.ready.server_name: is the name in a certificate, and the check asks in plain text — write tls: true',
  },
  {
    name: 'the authority of a gRPC check in plain text',
    yaml: api('health: { ready: { grpc: 80, ca: ca.pem } }'),
    message:
      'belay.yaml:5:34 services.api.health.ready.ca: is the authority of a certificate, and the check asks in plain text — write tls: true',
  },
  {
    name: 'an authority where any certificate will do',
    yaml: api('health: { ready: { https: /, port: 80, ca: ca.pem, insecure: true } }'),
    message:
      'belay.yaml:5:44 services.api.health.ready.ca: vouches for a certificate, and the check accepts any — leave insecure out',
  },
  {
    name: 'an authority outside of the folder',
    yaml: api('health: { ready: { https: /, port: 80, ca: ../ca.pem } }'),
    message:
      'belay.yaml:5:48 services.api.health.ready.ca: is not a file of this folder — write its name, such as certs/ca.pem',
  },
  {
    name: 'a metric without a bound',
    yaml: api('health: { ready: { metric: { port: 80, name: depth } } }'),
    message: 'belay.yaml:5:24 services.api.health.ready.metric: has no bound — write max, min or both',
  },
  {
    name: 'a metric that no number fits',
    yaml: api('health: { ready: { metric: { port: 80, name: depth, min: 2, max: 1 } } }'),
    message:
      'belay.yaml:5:62 services.api.health.ready.metric.min: is above max (1) — write a min that is not above max',
  },
  {
    name: 'liveness by a line of the log',
    yaml: api('health: { live: { log: listening } }'),
    message:
      'belay.yaml:5:23 services.api.health.live.log: tells that the instance has started, and not that it still works — write one of http, https, tcp, grpc, docker, command and metric',
  },
  {
    name: 'an expression that is none',
    yaml: api('health: { ready: { log: "/listening (on/" } }'),
    message:
      'belay.yaml:5:29 services.api.health.ready.log: is not a regular expression — write one such as /listening on :\\d+/, or plain text',
  },
  {
    name: 'the protocol of a route',
    yaml: routed('routes: [{ proxy: edge, port: 80, protocol: grpc }]'),
    message:
      'belay.yaml:7:39 services.api.routes[0].protocol: belongs to a proxy that Belay runs, and edge is not one — leave it out; the backend in the HAProxy configuration decides the protocol',
  },
  {
    name: 'what a route sends again',
    yaml: routed('routes: [{ proxy: edge, port: 80, resend: all }]'),
    message:
      'belay.yaml:7:39 services.api.routes[0].resend: belongs to a proxy that Belay runs, and edge is not one — leave it out; in the HAProxy configuration, retry-on and "http-request disable-l7-retry" decide which requests are sent again',
  },
  {
    name: 'with whom a client stays',
    yaml: routed('routes: [{ proxy: edge, port: 80, sticky: cookie }]'),
    message:
      'belay.yaml:7:39 services.api.routes[0].sticky: belongs to a proxy that Belay runs, and edge is not one — leave it out; in the HAProxy configuration, "cookie … dynamic" or "balance source" decides which client stays where',
  },
  {
    name: 'how a service learns of its client',
    yaml: routed('routes: [{ proxy: edge, port: 80, client_address: none }]'),
    message:
      'belay.yaml:7:39 services.api.routes[0].client_address: belongs to a proxy that Belay runs, and edge is not one — leave it out; in the HAProxy configuration, "option forwardfor if-none" passes the address of the client. Where its servers have send-proxy, write proxy-protocol: then the checks of Belay send that line too',
  },
  {
    name: 'with whom a client stays, at a balancer behind commands',
    yaml: commanded('routes: [{ proxy: mine, port: 80, sticky: source }]'),
    message:
      'belay.yaml:7:39 services.api.routes[0].sticky: belongs to a proxy that Belay runs, and mine is not one — leave it out; your balancer decides which client stays where, and must not keep one on a drained member',
  },
  {
    name: 'a share at a balancer behind commands',
    yaml: commanded('routes: [{ proxy: mine, port: 80 }]\nstrategy: { kind: canary, steps: [{ weight: 10 }] }'),
    message:
      'belay.yaml:8:23 services.api.strategy.kind: canary: proxy mine gives all instances the same share — let the route lead through another proxy, or write rolling',
  },
  {
    name: 'protocol of a route behind nginx',
    yaml: behindNginx('routes: [{ proxy: web, port: 80, protocol: grpc }]'),
    message:
      'belay.yaml:7:38 services.api.routes[0].protocol: belongs to a proxy that Belay runs, and web is not one — leave it out; in the nginx configuration, proxy_pass, grpc_pass or a stream block decides the protocol',
  },
  {
    name: 'resend of a route behind nginx',
    yaml: behindNginx('routes: [{ proxy: web, port: 80, resend: all }]'),
    message:
      'belay.yaml:7:38 services.api.routes[0].resend: belongs to a proxy that Belay runs, and web is not one — leave it out; in the nginx configuration, proxy_next_upstream decides which requests are sent again: "error timeout http_502 http_503 http_504", with non_idempotent POSTs too',
  },
  {
    name: 'sticky of a route behind nginx',
    yaml: behindNginx('routes: [{ proxy: web, port: 80, sticky: source }]'),
    message:
      'belay.yaml:7:38 services.api.routes[0].sticky: belongs to a proxy that Belay runs, and web is not one — leave it out; in the upstream block of nginx, ip_hash or "hash $cookie_… consistent" decides which client goes where',
  },
  {
    name: 'client_address of a route behind nginx',
    yaml: behindNginx('routes: [{ proxy: web, port: 80, client_address: forwarded-for }]'),
    message:
      'belay.yaml:7:38 services.api.routes[0].client_address: belongs to a proxy that Belay runs, and web is not one — leave it out; in the nginx configuration, "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for" passes the address of the client',
  },
  {
    name: 'how long requests wait at a proxy of the user',
    yaml: routed('routes: [{ proxy: edge, port: 80 }]\nhold: 30s'),
    message:
      'belay.yaml:8:5 services.api.hold: belongs to a proxy that Belay runs, and no route leads through one — leave it out; belay doctor prints the backend by which requests wait in your own HAProxy',
  },
  {
    name: 'how long requests wait at an nginx',
    yaml: behindNginx('routes: [{ proxy: web, port: 80 }]\nhold: 30s'),
    message:
      'belay.yaml:8:5 services.api.hold: belongs to a proxy that Belay runs, and no route leads through one — leave it out; nginx answers 502 while no instance serves, and a HAProxy can let requests wait: your own, or one that Belay runs',
  },
  {
    name: 'how long requests wait at a balancer led by commands',
    yaml: commanded('routes: [{ proxy: mine, port: 80 }]\nhold: 30s'),
    message:
      'belay.yaml:8:5 services.api.hold: belongs to a proxy that Belay runs, and no route leads through one — leave it out; your balancer decides if requests wait while no instance serves',
  },
  {
    name: 'how long requests wait where there is no route',
    yaml: api('hold: 30s'),
    message:
      'belay.yaml:5:5 services.api.hold: belongs to a proxy that Belay runs, and no route leads through one — leave it out, or add a route through a proxy with managed: true',
  },
  {
    name: 'requests held for an hour',
    yaml: managed('routes: [{ proxy: edge, port: 80 }]\nhold: 1h'),
    message:
      'belay.yaml:8:11 services.api.hold: is out of bounds — write 1s to 5m, or 0s, to let requests fail at once',
  },
  {
    name: 'what a tcp route sends again',
    yaml: managed('routes: [{ proxy: edge, port: 80, protocol: tcp, resend: none }]'),
    message:
      'belay.yaml:7:62 services.api.routes[0].resend: needs requests, and tcp carries connections — leave it out; nothing is sent again',
  },
  {
    name: 'two routes at one port of a proxy that Belay runs',
    yaml: managed('routes: [{ proxy: edge, port: 80 }, { proxy: edge, port: 80, backend: again }]'),
    message:
      'belay.yaml:7:62 services.api.routes[1].port: 80 of proxy edge is taken by another route of this service — leave one of them out',
  },
  {
    name: 'a cookie on a tcp route',
    yaml: managed('routes: [{ proxy: edge, port: 80, protocol: tcp, sticky: cookie }]'),
    message:
      "belay.yaml:7:62 services.api.routes[0].sticky: needs requests, and tcp carries connections — write source, which goes by the client's address",
  },
  {
    name: 'a header on a tcp route',
    yaml: managed('routes: [{ proxy: edge, port: 80, protocol: tcp, client_address: forwarded-for }]'),
    message:
      'belay.yaml:7:70 services.api.routes[0].client_address: needs requests, and tcp carries connections — write proxy-protocol, where the service understands it, or leave it out',
  },
  {
    name: 'a call of gRPC at a port that expects the PROXY protocol',
    yaml: managed(`routes: [{ proxy: edge, port: 80, protocol: grpc, client_address: proxy-protocol }]
health: { ready: { grpc: 80 } }`),
    message:
      'belay.yaml:8:30 services.api.health.ready.grpc: cannot ask port 80, which expects the PROXY protocol ahead of each connection — write tcp: 80 or docker: true in its place, or a port that does not expect it',
  },
  {
    name: 'the socket of a proxy that Belay runs',
    yaml: `platform: shop
proxies:
  edge: { kind: haproxy, managed: true, socket: /run/h.sock }
services:
  api: { image: shop/api:1 }
`,
    message: 'belay.yaml:3:41 proxies.edge.socket: is not a known key — the keys here are kind, managed, image',
  },
];
