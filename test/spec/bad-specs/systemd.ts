import { api, type BadSpec, edge, unit } from './shapes';

const template = (keys: string, proxies = ''): string =>
  unit(keys, proxies).replace('unit: worker.service', 'template: worker@.service');

/** Specs of systemd's services. */
export const systemdSpecs: BadSpec[] = [
  {
    name: 'a unit of a service in Docker',
    yaml: api('unit: worker.service'),
    message:
      'belay.yaml:5:5 services.api.unit: is not a known key — it belongs to a service of systemd: write runtime: systemd too',
  },
  {
    name: 'an artifact of a service in Docker',
    yaml: api('artifact: { file: ./dist/worker }'),
    message:
      'belay.yaml:5:5 services.api.artifact: is not a known key — it belongs to a service of systemd: write runtime: systemd too',
  },
  {
    name: 'an image of a unit',
    yaml: unit('image: shop/worker:1'),
    message:
      'belay.yaml:6:5 services.worker.image: is not a known key — it belongs to a service of docker; leave it out',
  },
  {
    name: 'copies of configuration of a unit',
    yaml: unit('config: [{ path: a, mount: /b }]'),
    message:
      'belay.yaml:6:5 services.worker.config: is not a known key — it belongs to a service of docker; leave it out',
  },
  {
    name: 'volumes of a unit',
    yaml: unit('volumes: ["a:/b"]'),
    message:
      'belay.yaml:6:5 services.worker.volumes: is not a known key — it belongs to a service of docker; leave it out',
  },
  {
    name: 'a unit that is no service',
    yaml: unit('').replace('worker.service', 'worker.timer'),
    message: 'belay.yaml:5:11 services.worker.unit: is not the name of a service unit — write shop-worker.service',
  },
  {
    name: 'neither unit nor template',
    yaml: unit('').replace('    unit: worker.service\n', ''),
    message:
      'belay.yaml:3:3 services.worker: does not say which unit runs it — write unit: shop-worker.service, or template: shop-api@.service with ports',
  },
  {
    name: 'unit and template',
    yaml: unit('template: w@.service\nports: [9001]'),
    message:
      'belay.yaml:3:3 services.worker: has unit and template — write unit: shop-worker.service, or template: shop-api@.service with ports',
  },
  {
    name: 'a baseline of a unit',
    yaml: template(
      'ports: [9001, 9002]\nroutes: [{ proxy: edge, port: 9001 }]\nstrategy: { kind: canary, baseline: true, steps: [{ weight: 10 }] }\nvalidate: [{ name: home, http: /, when: [during], compare: {} }]',
      edge,
    ),
    message:
      'belay.yaml:10:31 services.worker.strategy.baseline: launches instances of the version before beside the new ones, which units cannot do yet — leave it out, and compare too',
  },
  {
    name: 'a template that is none',
    yaml: template('ports: [9001]').replace('worker@.service', 'worker.service'),
    message: 'belay.yaml:5:15 services.worker.template: is not the name of a service unit — write shop-api@.service',
  },
  {
    name: 'a template without ports',
    yaml: template('instances: 2'),
    message:
      'belay.yaml:3:3 services.worker.ports: is missing, and each instance of a template has one of them — write the ports that its instances may have, such as [9001, 9002]',
  },
  {
    name: 'ports of a single unit',
    yaml: unit('ports: [9001]'),
    message:
      'belay.yaml:6:5 services.worker.ports: belongs to a template, whose instances listen at these ports — leave it out',
  },
  {
    name: 'fewer ports than instances',
    yaml: template('instances: 2\nports: [9001]'),
    message: 'belay.yaml:7:12 services.worker.ports: has 1 for 2 instances — write 2 or more; one more allows surge',
  },
  {
    name: 'a port twice',
    yaml: template('ports: [9001, 9001]'),
    message: 'belay.yaml:6:12 services.worker.ports: names a port twice — name each once',
  },
  {
    name: 'a unit twice at once',
    yaml: unit('instances: 2'),
    message:
      'belay.yaml:6:16 services.worker.instances: worker.service runs once — write template: name@.service with ports, or instances: 1',
  },
  {
    name: 'a unit beside itself',
    yaml: unit('strategy: { kind: rolling }'),
    message:
      'belay.yaml:6:23 services.worker.strategy.kind: rolling needs two instances at once, and worker.service runs once — write template: name@.service with ports, or in-place, which restarts it, or recreate',
  },
  {
    name: 'two ports of an instance with one',
    yaml: template('ports: [9001, 9002]\nroutes: [{ proxy: edge, port: 80 }]\nhealth: { ready: { tcp: 81 } }', edge),
    message:
      'belay.yaml:7:15 services.worker.template: asks ports 80 and 81, and an instance of a template listens at one — write the same port everywhere: it stands for the one that the instance has',
  },
  {
    name: 'a user without a unit to install',
    yaml: unit('user: shop'),
    message:
      'belay.yaml:6:5 services.worker.user: belongs to a unit that Belay installs — write unit_file too, or make the user yourself',
  },
  {
    name: 'an artifact from nowhere',
    yaml: unit('artifact: { install: /opt/w }'),
    message:
      'belay.yaml:6:5 services.worker.artifact: does not say where it comes from — write exactly one of file, folder, archive and http',
  },
  {
    name: 'an artifact from two places',
    yaml: unit('artifact: { file: w, folder: d, install: /opt/w }'),
    message:
      'belay.yaml:6:5 services.worker.artifact: has file and folder — write exactly one of file, folder, archive and http',
  },
  {
    name: 'an artifact without a place',
    yaml: unit('artifact: { file: w }'),
    message:
      "belay.yaml:6:5 services.worker.artifact.install: is missing — write install: … (Path of a symbolic link that Belay makes to the released file or folder; %i is the instance's port)",
  },
  {
    name: 'an artifact with a place in the folder',
    yaml: unit('artifact: { file: w, install: opt/w }'),
    message: 'belay.yaml:6:35 services.worker.artifact.install: is not an absolute path — write one that starts with /',
  },
  {
    name: 'an address without a checksum',
    yaml: unit('artifact: { http: "https://a/w", install: /opt/w }'),
    message:
      'belay.yaml:6:5 services.worker.artifact.sha256: is missing, and an address may answer anything — write the SHA-256 of what the address must answer',
  },
  {
    name: 'an address with a password',
    yaml: unit('artifact: { http: "https://me:secret@a/w", install: /opt/w }'),
    message:
      'belay.yaml:6:23 services.worker.artifact.http: is not an address that all may see — write https://… without name and password',
  },
  {
    name: 'a folder with the checksum of a file',
    yaml: unit(`artifact: { folder: d, install: /opt/w, sha256: ${'a'.repeat(64)} }`),
    message:
      'belay.yaml:6:45 services.worker.artifact.sha256: belongs to one file, and a folder has many — leave it out, or write archive',
  },
  {
    name: 'a checksum that is none',
    yaml: unit('artifact: { file: w, install: /opt/w, sha256: abc }'),
    message: 'belay.yaml:6:51 services.worker.artifact.sha256: is not a SHA-256 — write 64 hexadecimal digits',
  },
  {
    name: 'a mode as a number',
    yaml: unit('artifact: { file: w, install: /opt/w, mode: 0750 }'),
    message: 'belay.yaml:6:49 services.worker.artifact.mode: takes text, not the number 750 — write "750"',
  },
  {
    name: 'the environment among the settings',
    yaml: unit('settings: { Environment: "A=b" }'),
    message: 'belay.yaml:6:17 services.worker.settings.Environment: is not for settings — write it in env',
  },
  {
    name: 'a setting that is no directive',
    yaml: unit('settings: { memory_max: 1G }'),
    message:
      'belay.yaml:6:17 services.worker.settings.memory_max: is not a directive — write its name, such as MemoryMax',
  },
  {
    name: 'a setting of two lines',
    yaml: unit('settings: { MemoryMax: "1G\\nExecStart=/bin/sh" }'),
    message: 'belay.yaml:6:28 services.worker.settings.MemoryMax: has several lines — write it on one',
  },
  {
    name: "Docker's own check of a unit",
    yaml: unit('health: { ready: { docker: true } }'),
    message:
      'belay.yaml:6:24 services.worker.health.ready.docker: is the HEALTHCHECK of an image, which a unit does not have — write http, tcp or grpc; systemd itself waits for Type=notify',
  },
  {
    name: 'a program inside a unit',
    yaml: unit('health: { ready: { command: [/bin/true] } }'),
    message:
      'belay.yaml:6:24 services.worker.health.ready.command: runs in a container, which a unit does not have — write where: host, and it runs on this machine with BELAY_ADDRESS; or write http, https, tcp or grpc',
  },
  {
    name: 'a program inside a unit, and it says so',
    yaml: unit('health: { live: { command: [/bin/true], where: container } }'),
    message:
      'belay.yaml:6:45 services.worker.health.live.where: runs in a container, which a unit does not have — write where: host, and it runs on this machine with BELAY_ADDRESS; or write http, https, tcp or grpc',
  },
  {
    name: 'a line of the log after a reload',
    yaml: unit('strategy: { kind: in-place, reload: true }\nhealth: { ready: { log: up } }'),
    message:
      'belay.yaml:7:24 services.worker.health.ready.log: tells of the start of a process, and after a reload the process goes on — write http, https, tcp or grpc, or leave reload out',
  },
  {
    name: 'in-place in Docker',
    yaml: api('strategy: { kind: in-place }'),
    message:
      'belay.yaml:5:23 services.api.strategy.kind: in-place needs an instance that starts in the place of another, such as a unit of systemd — write recreate, which stops the old one first, or rolling',
  },
  {
    name: 'one unit of two services',
    yaml: `${unit('')}  other: { runtime: systemd, unit: worker.service }\n`,
    message:
      'belay.yaml:7:36 services.other.unit: worker.service is the unit of service worker — give each service a unit of its own',
  },
  {
    name: 'a template of another service with its instance',
    yaml: `${template('ports: [9001]')}  other: { runtime: systemd, unit: worker@9001.service }\n`,
    message:
      'belay.yaml:7:36 services.other.unit: worker@9001.service is of worker@.service, the unit of service worker — give each service a unit of its own',
  },
  {
    name: 'one path of two services',
    yaml: `${unit('artifact: { file: w, install: /opt/w }')}  other: { runtime: systemd, unit: o.service, artifact: { file: o, install: /opt/w } }\n`,
    message:
      'belay.yaml:7:77 services.other.artifact.install: /opt/w is the path of service worker — give each service a path of its own',
  },
  ...['rolling', 'blue-green', 'canary'].map((kind) => ({
    name: `a link that instances of ${kind} share`,
    yaml: template(
      `ports: [9001, 9002]\nstrategy: { kind: ${kind}${kind === 'canary' ? ', steps: [{ weight: 10 }]' : ''} }\nroutes: [{ proxy: edge, port: 80 }]\nartifact: { file: w, install: /opt/w }`,
      edge,
    ),
    message: `belay.yaml:11:35 services.worker.artifact.install: is the same for all instances, and ${kind} starts new ones while old ones still run from it — write %i into it, such as /opt/w-%i, here and in ExecStart= of worker@.service, or strategy: { kind: in-place }`,
  })),
  {
    name: 'an escaped name of a unit',
    yaml: unit('').replace('worker.service', 'shop\\x2dworker.service'),
    message:
      'belay.yaml:5:11 services.worker.unit: has an escaped character (\\x2d), which Belay does not take — write the unit under a plain name, such as shop-worker.service',
  },
  {
    name: 'the time of start and stop among the settings',
    yaml: unit('settings: { TimeoutSec: 5 }'),
    message:
      'belay.yaml:6:17 services.worker.settings.TimeoutSec: is not for settings — write it in stop.grace, and TimeoutStartSec here',
  },
];
