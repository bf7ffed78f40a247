import { askedPort } from '../checks';
import type { Path, Problem } from '../problem';
import { listed } from '../sentences';
import type { SystemdService } from '../spec';
import { strategyKind } from '../strategies';
import type { Rule, ServiceContext } from '.';
import { checksIn, type GivenCheck } from './checks';
import { unitJobRefusals } from './unit-jobs';

type Context = ServiceContext<SystemdService>;

/** The units of a service: its only one, or those of a template. */
export const systemdRefusals: Rule<SystemdService>[] = [
  unitOrTemplate,
  templatePorts,
  onePlace,
  onePort,
  installed,
  artifactSource,
  sharedLink,
  ownKeys,
  containerChecks,
  noBaseline,
  unitJobRefusals,
];

function unitOrTemplate({ service: { unit, template }, path }: Context): Problem[] {
  if ((unit === undefined) !== (template === undefined)) return [];
  const message = unit === undefined ? 'does not say which unit runs it' : 'has unit and template';
  const hint = 'write unit: shop-worker.service, or template: shop-api@.service with ports';
  return [{ path, atKey: true, message, hint, reads: keysAt(path, ['unit', 'template']) }];
}

function templatePorts({ service, path }: Context): Problem[] {
  const { template, ports, instances = 1 } = service;
  const at = [...path, 'ports'];
  if (template === undefined) {
    const message = 'belongs to a template, whose instances listen at these ports';
    return ports && service.unit ? [{ path: at, atKey: true, message, hint: 'leave it out', reads: [at] }] : [];
  }
  const reads = keysAt(path, ['template', 'instances', 'ports']);
  if (!ports) {
    const hint = 'write the ports that its instances may have, such as [9001, 9002]';
    return [{ path: at, message: 'is missing, and each instance of a template has one of them', hint, reads }];
  }
  if (new Set(ports).size < ports.length)
    return [{ path: at, message: 'names a port twice', hint: 'name each once', reads }];
  if (ports.length >= instances) return [];
  const message = `has ${ports.length} for ${instances} instances`;
  return [{ path: at, message, hint: `write ${instances} or more; one more allows surge`, reads }];
}

/** A single unit runs once. */
function onePlace({ service: { unit, instances = 1, strategy }, path }: Context): Problem[] {
  if (unit === undefined) return [];
  const hint = 'write template: name@.service with ports, or';
  const reads = keysAt(path, ['unit', 'strategy', 'instances']);
  return [
    ...(instances > 1
      ? [{ path: [...path, 'instances'], message: `${unit} runs once`, hint: `${hint} instances: 1`, reads }]
      : []),
    ...(strategyKind(strategy.kind).overlaps
      ? [
          {
            path: [...path, 'strategy', 'kind'],
            message: `${strategy.kind} needs two instances at once, and ${unit} runs once`,
            hint: `${hint} in-place, which restarts it, or recreate`,
            reads,
          },
        ]
      : []),
  ];
}

/** An instance of a template knows one port, which is its name. */
function onePort({ service: { template, routes, health, validate }, path }: Context): Problem[] {
  if (template === undefined) return [];
  const checks = [health.ready, health.live, ...validate].map((check) => check && askedPort(check));
  const all = [...routes.map(({ port }) => port), ...checks];
  const ports = [...new Set(all.filter((port) => port !== undefined))];
  if (ports.length < 2) return [];
  const message = `asks ports ${listed(ports.map(String))}, and an instance of a template listens at one`;
  const hint = 'write the same port everywhere: it stands for the one that the instance has';
  return [{ path: [...path, 'template'], message, hint, reads: keysAt(path, ['routes', 'health', 'validate']) }];
}

/** Settings and links belong to a unit, and so to one version. */
function noBaseline({ service: { strategy }, path }: Context): Problem[] {
  if (strategy.kind !== 'canary' || !strategy.baseline) return [];
  const message = 'launches instances of the version before beside the new ones, which units cannot do yet';
  return [{ path: [...path, 'strategy', 'baseline'], atKey: true, message, hint: 'leave it out, and compare too' }];
}

function installed({ service, path }: Context): Problem[] {
  if (service.user === undefined || service.unit_file !== undefined) return [];
  const message = 'belongs to a unit that Belay installs';
  return [{ path: [...path, 'user'], atKey: true, message, hint: 'write unit_file too, or make the user yourself' }];
}

const forms = ['file', 'folder', 'archive', 'http'] as const;

function artifactSource({ service: { artifact }, path }: Context): Problem[] {
  if (!artifact) return [];
  const at: Path = [...path, 'artifact'];
  const given = forms.filter((form) => artifact[form] !== undefined);
  const reads = keysAt(at, [...forms]);
  if (given.length !== 1) {
    const message = given.length === 0 ? 'does not say where it comes from' : `has ${given.join(' and ')}`;
    return [{ path: at, atKey: true, message, hint: `write exactly one of ${listed([...forms])}`, reads }];
  }
  if (artifact.http !== undefined && artifact.sha256 === undefined) {
    const hint = 'write the SHA-256 of what the address must answer';
    return [{ path: [...at, 'sha256'], message: 'is missing, and an address may answer anything', hint, reads }];
  }
  if (artifact.folder !== undefined && artifact.sha256 !== undefined) {
    const message = 'belongs to one file, and a folder has many';
    return [{ path: [...at, 'sha256'], atKey: true, message, hint: 'leave it out, or write archive', reads }];
  }
  return [];
}

/** A link of all instances moves with the first new one, while old ones beside it may still start from it. */
function sharedLink({ service: { template, artifact, strategy }, path }: Context): Problem[] {
  if (template === undefined || !artifact || artifact.install.includes('%i')) return [];
  if (!strategyKind(strategy.kind).overlaps) return [];
  const message = `is the same for all instances, and ${strategy.kind} starts new ones while old ones still run from it`;
  const own = `${artifact.install}-%i`;
  const hint = `write %i into it, such as ${own}, here and in ExecStart= of ${template}, or strategy: { kind: in-place }`;
  return [
    { path: [...path, 'artifact', 'install'], message, hint, reads: keysAt(path, ['template', 'strategy', 'ports']) },
  ];
}

/** Directives for which the spec has keys of its own. */
const keyOf: Record<string, string> = {
  Environment: 'env',
  EnvironmentFile: 'env_files',
  LoadCredential: 'credentials',
  SetCredential: 'credentials',
  KillSignal: 'stop.signal',
  TimeoutStopSec: 'stop.grace',
  TimeoutSec: 'stop.grace, and TimeoutStartSec here',
  User: 'the unit',
};

function ownKeys({ service: { settings = {} }, path }: Context): Problem[] {
  return Object.keys(settings).flatMap((name): Problem[] => {
    const key = Object.hasOwn(keyOf, name) ? keyOf[name] : undefined;
    if (key === undefined) return [];
    const message = `is not for settings`;
    return [{ path: [...path, 'settings', name], atKey: true, message, hint: `write it in ${key}` }];
  });
}

/** Checks that need a container, or a new process. */
function containerChecks({ service, path }: Context): Problem[] {
  const { strategy } = service;
  return checksIn({ service, path }).flatMap(({ check, at }) => [
    ...inside(check, at),
    ...dockers(check, at),
    ...(strategy.kind === 'in-place' && strategy.reload ? ofReload(check, at, path) : []),
  ]);
}

function inside({ command, where }: GivenCheck['check'], at: Path): Problem[] {
  if (!command || where === 'host') return [];
  const message = 'runs in a container, which a unit does not have';
  const hint = 'write where: host, and it runs on this machine with BELAY_ADDRESS; or write http, https, tcp or grpc';
  return [{ path: [...at, where ? 'where' : 'command'], atKey: true, message, hint, reads: [[...at, 'where']] }];
}

function dockers({ docker }: GivenCheck['check'], at: Path): Problem[] {
  if (!docker) return [];
  const message = 'is the HEALTHCHECK of an image, which a unit does not have';
  const hint = 'write http, tcp or grpc; systemd itself waits for Type=notify';
  return [{ path: [...at, 'docker'], atKey: true, message, hint }];
}

/** The process that goes on has written its line long before. */
function ofReload({ log }: GivenCheck['check'], at: Path, path: Path): Problem[] {
  if (log === undefined) return [];
  const message = 'tells of the start of a process, and after a reload the process goes on';
  const hint = 'write http, https, tcp or grpc, or leave reload out';
  return [{ path: [...at, 'log'], atKey: true, message, hint, reads: [[...path, 'strategy', 'reload']] }];
}

const keysAt = (path: Path, keys: string[]): Path[] => keys.map((key) => [...path, key]);
