import type { DesiredService } from '../model/desired';
import { askedPort } from '../spec/checks';
import type { ServiceSpec } from '../spec/spec';

/** Each at its port, asked as a proxy asks there. */
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
