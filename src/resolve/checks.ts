import type { DesiredService } from '../model/desired';
import { askedPort } from '../spec/checks';
import type { LiveCheck, ReadyCheck, ServiceSpec, Validation } from '../spec/spec';
import { authorityIn } from './authority';
import { requestIn } from './request';

/** The checks and tests of a service, each with its port and whether a proxy line comes first. */
export function checksOf(
  { routes, health, validate }: ServiceSpec,
  { name, folder }: { name: string; folder: string },
): Pick<DesiredService, 'ready' | 'live' | 'validate'> {
  const first = routes[0]?.port;
  const placed = <C extends ReadyCheck | LiveCheck | Validation>(check: C, at: string) => {
    const { proto, ...rest } = check;
    const one = { ...rest, port: check.port ?? first, status: check.status ?? 200 };
    const ca = check.ca !== undefined && { ca: authorityIn({ folder }, check.ca, `services.${name}.${at}.ca`) };
    const request = proto !== undefined && {
      request: requestIn({ folder, name: proto }, check, `services.${name}.${at}.proto`),
    };
    const program = check.where === 'host' && { folder };
    return { ...one, ...ca, ...request, ...program, ...proxied(routes, askedPort(one)) };
  };
  return {
    ready: health.ready && placed(health.ready, 'health.ready'),
    ...(health.live && { live: placed(health.live, 'health.live') }),
    validate: validate.map((test, index) => placed(test, `validate[${index}]`)),
  };
}

/** Tells if a line of the PROXY protocol comes first at the port. */
export const proxied = (routes: ServiceSpec['routes'], port?: number) =>
  routes.some((route) => route.port === port && route.client_address === 'proxy-protocol') && {
    proxied: true as const,
  };
