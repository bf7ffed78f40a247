import type { ComposeProject } from '../../../runtimes/docker/compose/project';
import { type CommandSpec, type ProxyKindName, type ProxySpecs, proxyKindOf } from '../../../spec/proxies';
import type { HaproxySpec, ProxySpec, Spec } from '../../../spec/spec';
import type { Check } from '../check';
import { backendNeeds } from './needs';

interface ProxyLookup {
  spec: Spec;
  compose: ComposeProject | undefined;
  /** BELAY_HOME. */
  home: string;
}

type Examine<P> = (name: string, proxy: P, lookup: ProxyLookup) => Promise<Check[]>;

const examineCommands: Examine<CommandSpec> = (name, proxy, { spec }) => {
  const { examineCommands: examine } = require('./command') as typeof import('./command');
  const routes = Object.entries(spec.services).flatMap(([service, one]) =>
    one.routes.filter((route) => route.proxy === name).map(({ backend = service }) => backend),
  );
  return examine({ name, spec: proxy, backends: [...new Set(routes)] });
};

const isOwnHaproxy = (proxy: ProxySpec): proxy is HaproxySpec => proxyKindOf(proxy) === 'haproxy';

/** Checks of a proxy, by its kind. */
const kinds: { [K in ProxyKindName]?: Examine<ProxySpecs[K]> } = {
  haproxy: (name, proxy, { spec, compose }) => {
    const { examineHaproxy } = require('./haproxy') as typeof import('./haproxy');
    const lookupOf = (name: string, proxy: HaproxySpec) => {
      return { name, spec: proxy, backends: backendNeeds(spec, name, compose) };
    };
    const others = Object.entries(spec.proxies).flatMap(([other, one]) =>
      isOwnHaproxy(one) && one.config !== proxy.config ? [lookupOf(other, one)] : [],
    );
    return examineHaproxy({ ...lookupOf(name, proxy), others });
  },
  'managed haproxy': (name, { image }, { spec, home }) => {
    const { examineManagedProxy } = require('./managed') as typeof import('./managed');
    const services = Object.keys(spec.services).filter((one) =>
      spec.services[one]!.routes.some((route) => route.proxy === name),
    );
    return examineManagedProxy({ home, platform: spec.platform, name, image, services });
  },
  nginx: (name, proxy, { spec }) => {
    const { examineNginx, keysOf } = require('./nginx') as typeof import('./nginx');
    return examineNginx({ name, spec: proxy, keys: keysOf(spec, name) });
  },
  command: examineCommands,
  'counting command': examineCommands,
};

/** Checks if each proxy of the spec can do its part. */
export async function examineProxies(lookup: ProxyLookup): Promise<Check[]> {
  const all = Object.entries(lookup.spec.proxies).map(([name, proxy]) => {
    const examine = kinds[proxyKindOf(proxy)] as Examine<typeof proxy> | undefined;
    return examine?.(name, proxy, lookup) ?? [];
  });
  return (await Promise.all(all)).flat();
}
