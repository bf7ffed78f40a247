import type { DesiredService } from '../model/desired';
import { askedPort } from '../spec/checks';
import type { ServiceSpec } from '../spec/spec';

/** The readiness check and smoke tests of a service, each with its port and whether a proxy line comes first. */
export function checksOf({ routes, health, validate }: ServiceSpec): Pick<DesiredService, 'ready' | 'validate'> {
  const first = routes[0]?.port;
  const ready = health.ready && { ...health.ready, port: health.ready.port ?? first };
  return {
    ready: ready && { ...ready, ...proxied(routes, askedPort(ready)) },
    validate: validate.map((smoke) => {
      const port = (smoke.port ?? first)!;
      return { ...smoke, port, ...proxied(routes, port) };
    }),
  };
}

const proxied = (routes: ServiceSpec['routes'], port?: number) =>
  routes.some((route) => route.port === port && route.client_address === 'proxy-protocol') && {
    proxied: true as const,
  };
