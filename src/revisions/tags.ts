import type { ServiceKey } from '../hosts/home';
import { imageWord } from '../model/instance-name';

/** What the tags of a service's images begin with. */
export const imagesOf = ({ platform, service }: ServiceKey): string => `belay/${platform}/${imageWord(service)}:`;

export const revisionTag = (platform: string, service: string, revision: number): string =>
  `${imagesOf({ platform, service })}r${revision}`;
