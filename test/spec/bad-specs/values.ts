import { api, type BadSpec, lines, routed, top } from './shapes';

/** Keys and values that the schema does not take. */
export const badValues: BadSpec[] = [
  {
    name: 'no platform',
    yaml: `services:
  api: { image: shop/api:1 }
`,
    message:
      'belay.yaml:1:1 platform: is missing — write platform: … (The name of the platform, which its instances, images and revisions carry)',
  },
  {
    name: 'Compose files as a mapping',
    yaml: top('compose: { file: compose.yaml }'),
    message:
      'belay.yaml:1:10 compose: is neither a file nor a list of files — write compose.yaml, or [compose.yaml, compose.prod.yaml]',
  },
  {
    name: 'no Compose file in the list',
    yaml: top('compose: []'),
    message: 'belay.yaml:1:10 compose: is an empty list — write at least one entry',
  },
  {
    name: 'an env file that is no list',
    yaml: top('env_files: .env'),
    message: 'belay.yaml:1:12 env_files: takes a list, not the text ".env" — write [.env]',
  },
  {
    name: 'an environment in another folder',
    yaml: top('environments: { staging: ../staging.yaml, qa: /etc/qa.yaml, dev: a/../../b.yaml }'),
    message: lines(
      'belay.yaml:1:26 environments.staging: is not a file of this folder — write its name, such as belay.staging.yaml',
      'belay.yaml:1:47 environments.qa: is not a file of this folder — write its name, such as belay.staging.yaml',
      'belay.yaml:1:66 environments.dev: is not a file of this folder — write its name, such as belay.staging.yaml',
    ),
  },
  {
    name: 'an environment with a name that is none',
    yaml: top('environments: { Staging: staging.yaml }'),
    message:
      'belay.yaml:1:17 environments.Staging: is not a name — write lower-case letters, digits and inner hyphens, such as shop-api',
  },
  {
    name: 'no services',
    yaml: `platform: shop
`,
    message:
      'belay.yaml:1:1 services: is missing — write services: … (The services to release. Belay never touches Compose services that are not named here)',
  },
  {
    name: 'an empty mapping of services',
    yaml: `platform: shop
services: {}
`,
    message: 'belay.yaml:2:11 services: names no service — write at least one',
  },
  {
    name: 'services left empty',
    yaml: `platform: shop
services:
`,
    message: 'belay.yaml:2:1 services: is empty — write at least one name: value under it',
  },
  {
    name: 'a service left empty',
    yaml: `platform: shop
compose: compose.yaml
services:
  api:
`,
    message: 'belay.yaml:4:3 services.api: is empty — write {} for the defaults',
  },
  {
    name: 'services as a list',
    yaml: `platform: shop
services:
  - api
`,
    message: 'belay.yaml:3:3 services: takes a mapping, not a list — write key: value',
  },
  {
    name: 'a platform in capitals',
    yaml: `platform: Shop
services:
  api: { image: shop/api:1 }
`,
    message:
      'belay.yaml:1:11 platform: is not a name — write lower-case letters, digits and inner hyphens, such as shop-api',
  },
  {
    name: 'a platform that is a number',
    yaml: `platform: 2024
services:
  api: { image: shop/api:1 }
`,
    message: 'belay.yaml:1:11 platform: takes text, not the number 2024 — write "2024"',
  },
  {
    name: 'a platform with a long name',
    yaml: `platform: ${'a'.repeat(41)}\nservices:\n  api: { image: shop/api:1 }\n`,
    message: 'belay.yaml:1:11 platform: is 41 characters long — write 40 at most',
  },
  {
    name: 'a service name with a space',
    yaml: `platform: shop
services:
  my api: { image: shop/api:1 }
`,
    message:
      'belay.yaml:3:3 services["my api"]: is not the name of a service — write letters, digits, hyphens, underscores and inner dots, such as shop-api',
  },
  {
    name: 'an unknown key at the top',
    yaml: `platfrom: shop
services:
  api: { image: shop/api:1 }
`,
    message: 'belay.yaml:1:1 platfrom: is not a known key — did you mean platform?',
  },
  {
    name: 'an unknown key near a known one',
    yaml: api('instnaces: 3'),
    message: 'belay.yaml:5:5 services.api.instnaces: is not a known key — did you mean instances?',
  },
  {
    name: 'an unknown key like no other',
    yaml: api('colour: red'),
    message:
      'belay.yaml:5:5 services.api.colour: is not a known key — the keys here are runtime, image, env, volumes, config, instances, routes, strategy, health, drain, hold, stop, shared_volumes, keep, on_failure, needs, validate, jobs, drill, backup, version',
  },
  {
    name: 'a key of Compose',
    yaml: api('depends_on: [db]'),
    message: 'belay.yaml:5:5 services.api.depends_on: is not a known key — it belongs in the Compose file',
  },
  {
    name: 'the number of instances under another name',
    yaml: api('replicas: 3'),
    message: 'belay.yaml:5:5 services.api.replicas: is not a known key — write instances',
  },
  {
    name: 'an unknown key in a route',
    yaml: routed(`routes:
  - { proxy: edge, prot: 80, port: 80 }`),
    message: 'belay.yaml:8:24 services.api.routes[0].prot: is not a known key — did you mean port?',
  },
  {
    name: 'an unknown key of a haproxy',
    yaml: top(`proxies:
  edge: { kind: haproxy, sokcet: /run/h.sock, config: /etc/h.cfg }`),
    message: 'belay.yaml:2:26 proxies.edge.sokcet: is not a known key — did you mean socket?',
  },
  {
    name: 'instances in words',
    yaml: api('instances: three'),
    message: 'belay.yaml:5:16 services.api.instances: takes a number, not the text "three"',
  },
  {
    name: 'instances in quotes',
    yaml: api('instances: "3"'),
    message: 'belay.yaml:5:16 services.api.instances: takes a number, not the text "3" — write 3 without quotes',
  },
  {
    name: 'half an instance',
    yaml: api('instances: 1.5'),
    message: 'belay.yaml:5:16 services.api.instances: takes a whole number, not the number 1.5',
  },
  {
    name: 'no instance',
    yaml: api('instances: 0'),
    message: 'belay.yaml:5:16 services.api.instances: takes 1 or more, not 0',
  },
  {
    name: 'too many instances',
    yaml: api('instances: 101'),
    message: 'belay.yaml:5:16 services.api.instances: takes 100 or less, not 101',
  },
  {
    name: 'instances as a list',
    yaml: api('instances: [1]'),
    message: 'belay.yaml:5:16 services.api.instances: takes a number, not a list',
  },
  {
    name: 'instances left empty',
    yaml: api('instances:'),
    message:
      "belay.yaml:5:5 services.api.instances: is empty — write instances: … (How many instances; the Compose file's deploy.replicas, or 1, where absent)",
  },
  {
    name: 'an image that is a number',
    yaml: `platform: shop
services:
  api: { image: 5 }
`,
    message: 'belay.yaml:3:17 services.api.image: takes text, not the number 5 — write "5"',
  },
  {
    name: 'an empty image',
    yaml: `platform: shop
services:
  api: { image: "" }
`,
    message: 'belay.yaml:3:17 services.api.image: is empty — write text',
  },
  {
    name: 'a check that is empty',
    yaml: api('health: { ready: }'),
    message:
      'belay.yaml:5:15 services.api.health.ready: is empty — write one of http, https, tcp, grpc, docker, command, metric and log',
  },
  {
    name: 'a probability as percentage',
    yaml: api('strategy: { kind: rolling, unavailable: 2.5% }'),
    message:
      'belay.yaml:5:45 services.api.strategy.unavailable: is neither a whole number from 0 nor a percentage — write a number such as 1, or 25%',
  },
  {
    name: 'text with a line break where a number belongs',
    yaml: api('keep: "a\\nb"'),
    message: 'belay.yaml:5:11 services.api.keep: takes a number, not the text "a b"',
  },
  {
    name: 'a number in the environment',
    yaml: api('env: { PORT: 8080 }'),
    message: 'belay.yaml:5:18 services.api.env.PORT: takes text, not the number 8080 — write "8080"',
  },
  {
    name: 'a switch in the environment',
    yaml: api('env: { DEBUG: true }'),
    message: 'belay.yaml:5:19 services.api.env.DEBUG: takes text, not true — write "true"',
  },
  {
    name: 'the environment as a list',
    yaml: api('env: [PORT=8080]'),
    message: 'belay.yaml:5:10 services.api.env: takes a mapping, not a list — write key: value',
  },
  {
    name: 'a volume without a path',
    yaml: api('volumes: [data]'),
    message: 'belay.yaml:5:15 services.api.volumes[0]: is not a volume — write source:/path or source:/path:ro',
  },
  {
    name: 'a single volume',
    yaml: api('volumes: data:/data:ro'),
    message: 'belay.yaml:5:14 services.api.volumes: takes a list, not the text "data:/data:ro" — write [data:/data:ro]',
  },
  {
    name: 'a policy that does not exist',
    yaml: api('on_failure: abort'),
    message: 'belay.yaml:5:17 services.api.on_failure: takes one of rollback, hold, leave, not "abort"',
  },
  {
    name: 'a policy misspelt',
    yaml: api('on_failure: rolback'),
    message:
      'belay.yaml:5:17 services.api.on_failure: takes one of rollback, hold, leave, not "rolback" — did you mean rollback?',
  },
  {
    name: 'a duration without a unit',
    yaml: api('drain: { deadline: "30" }'),
    message:
      'belay.yaml:5:24 services.api.drain.deadline: is not a duration — write a number and a unit, such as 500ms, 5s, 2m, 4h or 30d',
  },
  {
    name: 'a duration that is a number',
    yaml: api('drain: { deadline: 30 }'),
    message:
      'belay.yaml:5:24 services.api.drain.deadline: is not a duration — write a number and a unit, such as 500ms, 5s, 2m, 4h or 30d',
  },
  {
    name: 'a duration of years',
    yaml: api('drain: { deadline: 900d }'),
    message: 'belay.yaml:5:24 services.api.drain.deadline: is longer than a year — write 365d or less',
  },
  {
    name: 'a check that never pauses',
    yaml: api('health: { ready: { tcp: 80, every: 0s } }'),
    message: 'belay.yaml:5:40 services.api.health.ready.every: takes no time at all — write more than 0s',
  },
  {
    name: 'a check whose path is relative',
    yaml: api('health: { ready: { http: ready, port: 80 } }'),
    message:
      'belay.yaml:5:30 services.api.health.ready.http: is not a path — write one that starts with /, such as /ready',
  },
  {
    name: 'a check for a list in the body',
    yaml: api('health: { ready: { http: /, port: 80, json: { up: [1] } } }'),
    message:
      'belay.yaml:5:55 services.api.health.ready.json.up: is neither text, a number, true, false nor null — compare members of the body one by one',
  },
  {
    name: 'docker switched off',
    yaml: api('health: { ready: { docker: false } }'),
    message: 'belay.yaml:5:32 services.api.health.ready.docker: takes only true, not false',
  },
  {
    name: 'a status that HTTP does not have',
    yaml: api('health: { ready: { http: /, port: 80, status: 700 } }'),
    message: 'belay.yaml:5:51 services.api.health.ready.status: takes 599 or less, not 700',
  },
  {
    name: 'a class of statuses that HTTP does not have',
    yaml: api('health: { ready: { http: /, port: 80, status: 7xx } }'),
    message:
      'belay.yaml:5:51 services.api.health.ready.status: is not a status — write a number from 100 to 599, a class such as 2xx, or a list such as [200, 3xx]',
  },
  {
    name: 'a certificate for an address',
    yaml: api('health: { ready: { https: /, port: 80, server_name: "a:443" } }'),
    message:
      'belay.yaml:5:57 services.api.health.ready.server_name: is not the name of a host — write one such as shop.example.com',
  },
  {
    name: 'a signal without SIG',
    yaml: api('stop: { signal: TERM }'),
    message: 'belay.yaml:5:21 services.api.stop.signal: is not a signal — write a name such as SIGTERM',
  },
  {
    name: 'a strategy that nobody knows',
    yaml: api('strategy: { kind: rollin }'),
    message:
      'belay.yaml:5:23 services.api.strategy.kind: takes one of rolling, blue-green, canary, recreate, in-place, job, not "rollin" — did you mean rolling?',
  },
  {
    name: 'a strategy without a kind',
    yaml: api('strategy: { surge: 2 }'),
    message:
      'belay.yaml:5:5 services.api.strategy.kind: is missing — write one of rolling, blue-green, canary, recreate, in-place, job',
  },
  {
    name: 'keys of a canary in a rolling strategy',
    yaml: api('strategy: { kind: rolling, match: {}, steps: [] }'),
    message: ['match', 'steps']
      .map(
        (key, index) =>
          `belay.yaml:5:${[32, 43][index]} services.api.strategy.${key}: is not a known key — it belongs to kind: canary`,
      )
      .join('\n'),
  },
  {
    name: 'a key of a rolling strategy where all stop first',
    yaml: api('strategy: { kind: recreate, surge: 1 }'),
    message: 'belay.yaml:5:33 services.api.strategy.surge: is not a known key — it belongs to kind: rolling',
  },
  {
    name: 'the weight of a canary with a percent sign',
    yaml: api('strategy: { kind: canary, steps: [{ weight: 20% }] }'),
    message:
      'belay.yaml:5:49 services.api.strategy.steps[0].weight: takes a number, not the text "20%" — write 20; it counts in percent',
  },
  {
    name: 'a canary without a weight',
    yaml: api('strategy: { kind: canary, steps: [{}] }'),
    message:
      'belay.yaml:5:39 services.api.strategy.steps[0].weight: is missing — write weight: … (The share of the traffic that the new version takes, in percent; 0 lets match alone choose)',
  },
  {
    name: 'a strategy as a word',
    yaml: api('strategy: rolling'),
    message: 'belay.yaml:5:15 services.api.strategy: takes a mapping, not the text "rolling" — write key: value',
  },
  {
    name: 'a surge in words',
    yaml: api('strategy: { kind: rolling, surge: three }'),
    message:
      'belay.yaml:5:39 services.api.strategy.surge: is neither a whole number from 0 nor a percentage — write a number such as 1, or 25%',
  },
  {
    name: 'a surge below zero',
    yaml: api('strategy: { kind: rolling, surge: -1 }'),
    message:
      'belay.yaml:5:39 services.api.strategy.surge: is neither a whole number from 0 nor a percentage — write a number such as 1, or 25%',
  },
  {
    name: 'a proxy without a kind',
    yaml: top(`proxies:
  edge: { socket: /run/h.sock, config: /etc/h.cfg }`),
    message: 'belay.yaml:2:3 proxies.edge.kind: is missing — write one of haproxy, nginx, command, none',
  },
  {
    name: 'a proxy of an unknown kind',
    yaml: top(`proxies:
  edge: { kind: traefik }`),
    message: 'belay.yaml:2:17 proxies.edge.kind: takes one of haproxy, nginx, command, none, not "traefik"',
  },
  {
    name: 'a haproxy without a configuration',
    yaml: top(`proxies:
  edge: { kind: haproxy, socket: /run/h.sock }`),
    message:
      "belay.yaml:2:3 proxies.edge.config: is missing — write config: … (The path of HAProxy's configuration file; read, never written)",
  },
  {
    name: 'a haproxy with a URL as socket',
    yaml: top(`proxies:
  edge: { kind: haproxy, socket: "http://localhost:9999", config: /etc/h.cfg }`),
    message:
      'belay.yaml:2:34 proxies.edge.socket: is not a runtime API — write a path such as /run/haproxy/admin.sock, or tcp://127.0.0.1:9999',
  },
  {
    name: 'a haproxy with a relative configuration',
    yaml: top(`proxies:
  edge: { kind: haproxy, socket: /run/h.sock, config: h.cfg }`),
    message: 'belay.yaml:2:55 proxies.edge.config: is not an absolute path — write one that starts with /',
  },
  {
    name: 'a proxy of commands, of which one is missing and one is a line',
    yaml: top(`proxies:
  mine: { kind: command, admit: [./lb, admit], drain: "./lb drain", remove: [] }`),
    message: lines(
      "belay.yaml:2:3 proxies.mine.observe: is missing — write observe: … (Prints the backend's members as JSON. The program and its arguments; no shell reads them)",
      'belay.yaml:2:55 proxies.mine.drain: is one text — write a list, as [./lb, drain]',
      'belay.yaml:2:77 proxies.mine.remove: is an empty list — write at least one entry',
    ),
  },
  {
    name: 'commands without time, in a folder that moves',
    yaml: top(`proxies:
  mine: { kind: command, admit: [a], drain: [a], remove: [a], observe: [a], timeout: 3m, folder: lb }`),
    message: lines(
      'belay.yaml:2:86 proxies.mine.timeout: is out of bounds — write more than 0s, and 2m at most',
      'belay.yaml:2:98 proxies.mine.folder: is not an absolute path — write one that starts with /',
    ),
  },
  {
    name: 'an nginx with a command of no words',
    yaml: top(`proxies:
  web: { kind: nginx, config: /etc/nginx/belay, reload: [] }`),
    message: 'belay.yaml:2:57 proxies.web.reload: is empty — write the program and its arguments: [nginx, -s, reload]',
  },
  {
    name: 'an nginx with a command line',
    yaml: top(`proxies:
  web: { kind: nginx, config: /etc/nginx/belay, test: nginx -T }`),
    message: 'belay.yaml:2:55 proxies.web.test: is one text — write a list, as [nginx, -T]',
  },
  {
    name: 'a port that does not exist',
    yaml: routed('routes: [{ proxy: edge, port: 70000 }]'),
    message: 'belay.yaml:7:35 services.api.routes[0].port: takes 65535 or less, not 70000',
  },
  {
    name: 'a route without a port',
    yaml: routed(`routes:
  - proxy: edge`),
    message:
      'belay.yaml:8:9 services.api.routes[0].port: is missing — write port: … (The port the service listens on inside its container)',
  },
  {
    name: 'a route that is not in a list',
    yaml: routed('routes: { proxy: edge, port: 80 }'),
    message: 'belay.yaml:7:13 services.api.routes: takes a list, not a mapping — write each entry with - before it',
  },
  {
    name: 'a range of ports turned round',
    yaml: top('hosts: { local: { ports: 30000-20000 } }'),
    message:
      'belay.yaml:1:26 hosts.local.ports: is not a range of ports — the first must be 1024 or more, the last 65535 or less and not below the first',
  },
  {
    name: 'one port as a range',
    yaml: top('hosts: { local: { ports: 20000 } }'),
    message:
      'belay.yaml:1:26 hosts.local.ports: is not a range of ports — write the first and the last, such as 20000-20999',
  },
  {
    name: 'one moment of a test outside a list',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
validate: [{ name: smoke, http: /, when: after }]`),
    message: 'belay.yaml:8:46 services.api.validate[0].when: takes a list, not the text "after" — write [after]',
  },
  {
    name: 'a test at an unknown moment',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
validate: [{ name: smoke, http: /, when: [befor] }]`),
    message:
      'belay.yaml:8:47 services.api.validate[0].when[0]: takes one of before, during, after, not "befor" — did you mean before?',
  },
  {
    name: 'a test at no moment',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
validate: [{ name: smoke, http: /, when: [] }]`),
    message: 'belay.yaml:8:46 services.api.validate[0].when: is an empty list — write at least one entry',
  },
  {
    name: 'a test without a name',
    yaml: routed(`routes: [{ proxy: edge, port: 80 }]
validate: [{ http: / }]`),
    message: 'belay.yaml:8:16 services.api.validate[0].name: is missing — write name: … (The name shown in the plan)',
  },
  ...(
    [
      [
        61,
        'a name with a space',
        '{ "a b": c }',
        '["a b"]: is not the name of a header — write one such as host or x-forwarded-proto',
      ],
      [70, 'a number', '{ x-debug: 1 }', '.x-debug: takes text, not the number 1 — write "1"'],
      [
        66,
        'a line break',
        '{ x-a: "b\\r\\nx-c: d" }',
        '.x-a: is not the value of a header — write printable ASCII on one line, without spaces around it',
      ],
      [
        66,
        'nothing',
        '{ x-a: "" }',
        '.x-a: is not the value of a header — write printable ASCII on one line, without spaces around it',
      ],
      [
        61,
        'a login',
        '{ Authorization: Basic YTpi }',
        '.Authorization: carries a login, and a spec keeps no secrets — ask a path that needs no login, or let the HEALTHCHECK of the image ask',
      ],
      [
        61,
        'what the connection decides',
        '{ connection: upgrade }',
        '.connection: belongs to the connection, and the client decides it — leave it out',
      ],
      [
        67,
        'a variable',
        '{ host: "$DOMAINS" }',
        '.host: has a variable in it, which is not replaced — write the value itself',
      ],
      [
        67,
        'an address as the host',
        '{ host: "https://shop.example.com" }',
        '.host: is not the name of a host — write one such as shop.example.com or shop.example.com:8080',
      ],
      [
        59,
        'one header twice',
        '{ host: a.example, Host: b.example }',
        ': names one header twice, in capitals and not — keep one of them',
      ],
      [
        59,
        'more of them than a line of HAProxy takes',
        `{ ${Array.from({ length: 17 }, (_, index) => `x-${index}: a`).join(', ')} }`,
        ': has more than 16 headers — keep those without which the service does not answer',
      ],
    ] as const
  ).map(
    ([column, what, headers, message]): BadSpec => ({
      name: `headers with ${what}`,
      yaml: api(`health: { ready: { tcp: 80 } }
validate: [{ name: smoke, http: /, port: 80, headers: ${headers} }]`),
      message: `belay.yaml:6:${column} services.api.validate[0].headers${message}`,
    }),
  ),
  {
    name: 'a path with a space',
    yaml: api('health: { ready: { http: /is ready, port: 80 } }'),
    message:
      'belay.yaml:5:30 services.api.health.ready.http: has a character that no URL has — write it percent-encoded, such as %20',
  },
];
