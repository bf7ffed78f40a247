import type { ServicesIn } from '../compose-services';
import type { Path, Problem } from '../problem';
import { didYouMean } from '../sentences';
import { isDocker, isSystemd, type ServiceSpec, type Spec } from '../spec';
import { backupRefusals } from './backups';
import { checkRefusals, checksIn } from './checks';
import { configRefusals } from './config';
import { dockerRefusals } from './docker';
import { drillRefusals } from './drill';
import { jobRefusals } from './jobs';
import { needRefusals } from './needs';
import { platformRefusals } from './platform';
import { platformTestRefusals } from './platform-tests';
import { rollingRefusals } from './rolling';
import { routeRefusals } from './routes';
import { strategyRefusals } from './strategy';
import { systemdRefusals } from './systemd';
import { validationRefusals } from './validation';

interface Written {
  spec: Spec;
  /** Names of proxies in the file, including invalid ones. */
  proxies: string[];
  servicesIn?: ServicesIn;
}

/** All problems of a well-formed spec that cannot work. Pure. */
export function refusals({ spec, proxies, servicesIn }: Written): Problem[] {
  const composed = spec.compose && servicesIn?.(spec.compose);
  const services = Object.entries(spec.services).flatMap(([name, service]) => {
    const context: ServiceContext = { spec, proxies, composed, service, path: ['services', name] };
    return [...ofRuntime(context), ...rules.flatMap((rule) => rule(context))];
  });
  return [...platformRefusals(spec), ...configRefusals(spec), ...services, ...platformTestRefusals(spec)];
}

export interface ServiceContext<S extends ServiceSpec = ServiceSpec> {
  spec: Spec;
  proxies: string[];
  /** Names of the services in the Compose files, if known. */
  composed?: string[];
  service: S;
  path: Path;
}

export type Rule<S extends ServiceSpec = ServiceSpec> = (context: ServiceContext<S>) => Problem[];

/** Refusals that hold for the services of one runtime. */
function ofRuntime({ service, ...context }: ServiceContext): Problem[] {
  return [
    ...(isDocker(service) ? dockerRefusals.flatMap((rule) => rule({ ...context, service })) : []),
    ...(isSystemd(service) ? systemdRefusals.flatMap((rule) => rule({ ...context, service })) : []),
  ];
}

const rules: Rule[] = [
  unknownProxies,
  missingPorts,
  checkRefusals,
  validationRefusals,
  needRefusals,
  routeRefusals,
  rollingRefusals,
  strategyRefusals,
  jobRefusals,
  backupRefusals,
  drillRefusals,
];

function unknownProxies({ proxies, service, path }: ServiceContext): Problem[] {
  return service.routes.flatMap((route, index): Problem[] => {
    if (proxies.includes(route.proxy)) return [];
    const meant = didYouMean(route.proxy, proxies);
    const known =
      proxies.length > 0
        ? `write ${proxies.length > 1 ? 'one of ' : ''}${proxies.join(', ')}, or add it under proxies`
        : 'add it under proxies';
    const hint = meant ? `did you mean ${meant}?` : known;
    return [
      {
        path: [...path, 'routes', index, 'proxy'],
        message: `there is no proxy ${route.proxy}`,
        hint,
        reads: [['proxies', route.proxy]],
      },
    ];
  });
}

/** An http or https check uses the first route's port; without routes it needs its own. */
function missingPorts({ service, path }: ServiceContext): Problem[] {
  if (service.routes.length > 0) return [];
  const refuse = (at: Path): Problem => ({
    path: [...at, 'port'],
    message: 'is missing, and there is no route to take it from',
    hint: 'write port: …, the one that the container listens on',
    reads: [[...path, 'routes']],
  });
  return checksIn({ service, path }).flatMap(({ check, at }) =>
    (check.http ?? check.https) && !check.port ? [refuse(at)] : [],
  );
}
