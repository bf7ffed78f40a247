import { listed } from '../sentences';
import type { ComposeService } from '.';
import { isStore, type Verdict, weigh } from './knowledge';
import { skipReason } from './left-out';
import { few } from './text';

/** How a release treats a service, and why. */
export interface Decision {
  how: 'left to Compose' | 'rolling' | 'recreate';
  why: string;
}

/** The kind of a service with its evidence. Pure. */
export const kindOf = ({ name, image, awaitedBy, traits }: ComposeService): Verdict =>
  weigh({ name, image, awaitedBy, ...traits });

/** Decides how a service is released. Pure. */
export function decide(service: ComposeService): Decision {
  const left = skipReason(service);
  if (left !== undefined) return { how: 'left to Compose', why: left };
  const causes = recreateCauses(service);
  if (causes.length > 0) return { how: 'recreate', why: causes.join('; ') };
  const { listens, offNetwork, sharedVolumes = [] } = service;
  const shares = sharedVolumes.length > 0 ? [`shares ${few(sharedVolumes.map(({ volume }) => volume))}`] : [];
  const ports = listed(listens.map(({ port, protocol }) => `${port}${protocol ? ` (${protocol})` : ''}`));
  const traffic = ports && !offNetwork ? `listens at ${ports}` : 'no route';
  return { how: 'rolling', why: [traffic, ...shares].join('; ') };
}

/** Reasons why two instances must not run at once, in words. */
export function recreateCauses(service: ComposeService): string[] {
  const { writableVolumes, replicas = 1, udp = [], hostNetwork } = service;
  const { kind } = kindOf(service);
  return [
    writableVolumes.length > 0 && replicas === 1 && `it writes to ${listed(writableVolumes)}`,
    isStore(kind) && `it is a ${kind}, and two instances at once would harm its data`,
    kind === 'scheduler' && 'it runs by the clock, and must not run twice',
    hostNetwork && 'it has the network of the host, where two instances cannot have one port',
    udp.length > 0 && `it publishes ${listed(udp)} over UDP, which one container alone can have`,
  ].filter((one) => one !== false && one !== undefined);
}
