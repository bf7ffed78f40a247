import type { ComposeService, InitInput } from '.';
import { line } from './text';

/** Comments on tools that send requests to a service past the proxy, and services that keep its address. */
export function trafficComments(
  { name, leaders = [], keepers = [], listens: [first] }: ComposeService,
  proxy: InitInput['proxy'],
): string[] {
  const filled = (text: string) => line(text.replaceAll('PORT', String(first?.port ?? 'PORT')));
  const led = leaders.flatMap(({ tool, by, instead }) => [
    `    # NOT DRAINED: ${tool} sends requests directly to its instances (${line(by)}), past any managed proxy.`,
    `    # To send them through a managed proxy: ${filled(instead)}`,
  ]);
  // A user's own proxy does not answer to the service's name.
  const kept = proxy && proxy !== 'managed' ? [] : keepers;
  return [
    ...led,
    ...kept.flatMap(({ service, file, reload, instead }) => [
      `    # ${line(service)} looks ${name} up once and keeps the address (${line(file)}): after the first release, ${line(reload)}`,
      `    # or, before it, let ${line(service)} look the name up regularly: ${filled(instead)}`,
    ]),
  ];
}
