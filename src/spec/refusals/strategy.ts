import type { Path, Problem } from '../problem';
import { capabilitiesAt } from '../proxies';
import { runtimeCapabilities, usualRuntime } from '../runtimes';
import { isDocker } from '../spec';
import { type StrategySpec, strategyKind } from '../strategies';
import type { ServiceContext } from '.';

/** Problems of a strategy with the service's routes and volumes. */
export function strategyRefusals(context: ServiceContext): Problem[] {
  return [
    ...unrouted(context),
    ...unable(context),
    ...weights(context),
    ...unmatched(context),
    ...writableVolumes(context),
    ...placeless(context),
  ];
}

/** Shares and switches need a proxy. */
function unrouted({ spec, service, path }: ServiceContext): Problem[] {
  const { kind } = service.strategy;
  const { asks } = strategyKind(kind);
  if (!asks) return [];
  // A proxy that the spec does not know is a problem of its own.
  const isRouted = ({ proxy }: { proxy: string }) =>
    !Object.hasOwn(spec.proxies, proxy) || capabilitiesAt(spec.proxies, proxy).places !== 'none';
  if (service.routes.some(isRouted)) return [];
  const what = asks === 'shares' ? 'share of the traffic could be set' : 'traffic could be switched';
  const message = `${kind} needs a route through a proxy, where the ${what}`;
  return [
    {
      path: [...path, 'strategy', 'kind'],
      message,
      hint: 'add a route, or write rolling',
      reads: [[...path, 'routes'], ['proxies']],
    },
  ];
}

/** Some proxies have no weights or no sets. */
function unable({ spec, service, path }: ServiceContext): Problem[] {
  const { kind } = service.strategy;
  const { asks } = strategyKind(kind);
  if (!asks) return [];
  return service.routes.flatMap(({ proxy }, index): Problem[] => {
    const { places, heaviest, sets } = capabilitiesAt(spec.proxies, proxy);
    const isAble = asks === 'shares' ? heaviest !== undefined : sets !== 'never';
    if (isAble || places === 'none') return [];
    const what = asks === 'shares' ? 'gives all instances the same share' : 'has no two sets to switch between';
    const hint = 'let the route lead through another proxy, or write rolling';
    const reads: Path[] = [
      [...path, 'routes', index, 'proxy'],
      ['proxies', proxy],
    ];
    return [{ path: [...path, 'strategy', 'kind'], message: `${kind}: proxy ${proxy} ${what}`, hint, reads }];
  });
}

function weights({ service: { strategy }, path }: ServiceContext): Problem[] {
  if (strategy.kind !== 'canary') return [];
  return strategy.steps.flatMap(({ weight }, index): Problem[] => {
    const before = strategy.steps[index - 1]?.weight ?? -1;
    if (weight === 0 && !strategy.match) {
      const message = 'sends nobody to the new version';
      const hint = 'write 1 or more, or choose clients by strategy.match';
      return [{ path: [...path, 'strategy', 'steps', index, 'weight'], message, hint, reads: [[...path, 'strategy']] }];
    }
    if (weight > before) return [];
    return [
      {
        path: [...path, 'strategy', 'steps', index, 'weight'],
        message: `is not above the ${before} of the step before`,
        hint: 'let the share grow from step to step',
        reads: [[...path, 'strategy', 'steps']],
      },
    ];
  });
}

/** Chosen clients need a proxy that can tell them from others, and no baseline, which would have other clients. */
function unmatched({ spec, service, path }: ServiceContext): Problem[] {
  const { strategy, routes } = service;
  if (strategy.kind !== 'canary' || !strategy.match) return [];
  const at: Path = [...path, 'strategy', 'match'];
  const named = strategy.match.header ? 'header' : strategy.match.cookie ? 'cookie' : undefined;
  const ofRoutes = routes.flatMap(({ proxy, protocol }, index): Problem[] => {
    const { places, heaviest, chooses } = capabilitiesAt(spec.proxies, proxy);
    const reads: Path[] = [
      [...path, 'routes', index],
      ['proxies', proxy],
    ];
    if (!chooses && places !== 'none' && heaviest !== undefined) {
      const hint = 'leave it out, or let the route lead through a HAProxy';
      return [{ path: at, atKey: true, message: `proxy ${proxy} cannot choose clients`, hint, reads }];
    }
    if (protocol !== 'tcp' || !named) return [];
    const message = `a route of protocol tcp has no ${named}s`;
    return [{ path: [...at, named], atKey: true, message, hint: 'write match: { addresses: […] }', reads }];
  });
  if (!strategy.baseline) return ofRoutes;
  const message = 'gives the canaries other clients than the baseline, so both cannot be compared';
  const reads: Path[] = [[...path, 'strategy', 'baseline']];
  return [...ofRoutes, { path: at, atKey: true, message, hint: 'write match or baseline', reads }];
}

function writableVolumes({ service, path }: ServiceContext): Problem[] {
  if (service.shared_volumes || !isDocker(service)) return [];
  const why = sharing(service.strategy.kind, service.instances ?? 1);
  if (!why) return [];
  return (service.volumes ?? []).flatMap((volume, index): Problem[] => {
    if (volume.endsWith(':ro')) return [];
    const hint = `write ${volume.replace(/:rw$/, '')}:ro, or ${why.hint}, or shared_volumes: true where that is safe`;
    return [
      {
        path: [...path, 'volumes', index],
        message: `is writable, and ${why.text}`,
        hint,
        reads: [
          [...path, 'strategy'],
          [...path, 'instances'],
          [...path, 'shared_volumes'],
        ],
      },
    ];
  });
}

/** An instance of some runtimes cannot start in the place of another. */
function placeless({ service, path }: ServiceContext): Problem[] {
  if (service.strategy.kind !== 'in-place' || runtimeCapabilities(service.runtime ?? usualRuntime).inPlace) return [];
  const message = 'in-place needs an instance that starts in the place of another, such as a unit of systemd';
  return [
    {
      path: [...path, 'strategy', 'kind'],
      message,
      hint: 'write recreate, which stops the old one first, or rolling',
      reads: [[...path, 'runtime']],
    },
  ];
}

/** The reason why two instances would write to one volume at once; undefined if they never do. */
export function sharing(kind: StrategySpec['kind'], instances: number): { text: string; hint: string } | undefined {
  if (strategyKind(kind).overlaps) {
    return {
      text: `in a ${kind} release the old and the new version would write to it at once`,
      hint: 'strategy: { kind: recreate }, which stops the old one first',
    };
  }
  if (instances === 1) return undefined;
  return { text: `${instances} instances would write to it at once`, hint: 'instances: 1' };
}
