import type { ComposeService, InitInput } from '.';
import { line } from './text';

/** Comments on who else leads requests to a service, and who keeps an address of it. */
export function trafficComments(
  { name, leaders = [], keepers = [], listens: [first] }: ComposeService,
  haproxy: InitInput['haproxy'],
): string[] {
  const filled = (text: string) => line(text.replaceAll('PORT', String(first?.port ?? 'PORT')));
  const led = leaders.flatMap(({ tool, by, instead }) => [
    `    # NOT DRAINED: ${tool} leads requests straight to its instances (${line(by)}), past any proxy of Belay's.`,
    `    # To lead them through a proxy that Belay runs: ${filled(instead)}`,
  ]);
  // Behind a HAProxy of the user's nobody finds it by its name.
  const kept = haproxy && haproxy !== 'managed' ? [] : keepers;
  return [
    ...led,
    ...kept.flatMap(({ service, file, reload, instead }) => [
      `    # ${line(service)} looks ${name} up once and keeps the address (${line(file)}): after the first release, ${line(reload)}`,
      `    # or, before it, let ${line(service)} look again by itself: ${filled(instead)}`,
    ]),
  ];
}
