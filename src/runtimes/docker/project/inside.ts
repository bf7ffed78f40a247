import { capabilitiesAt } from '../../../spec/proxies';
import type { Spec } from '../../../spec/spec';
import type { ComposeProject } from '../compose/project';

/** Problems of services on internal networks: a user's own proxy on the host reaches no published port there. Pure. */
export function insideProblems(
  { services, networks }: Pick<ComposeProject, 'services' | 'networks'>,
  spec: Spec,
  names: string[],
): Array<{ name: string; why: string; hint: string }> {
  return names.flatMap((name) => {
    const own = Object.keys(services[name]?.networks ?? {});
    const isInside = own.length > 0 && own.every((network) => networks[network]?.internal);
    const route = spec.services[name]?.routes.find(({ proxy }) => {
      const { places, reaches } = capabilitiesAt(spec.proxies, proxy);
      return places !== 'none' && reaches === 'port';
    });
    if (!isInside || !route) return [];
    return {
      name,
      why: `is on internal networks only (${own.join(', ')}), where proxy ${route.proxy} does not reach it`,
      hint: 'give it another network in the Compose file, or let a proxy that Belay runs lead to it (managed: true)',
    };
  });
}
