import type { ServiceKey } from '../../hosts/home';
import { imageWord } from '../../model/instance-name';

/** The common prefix of a service's image tags. */
export const imagesOf = ({ platform, service }: ServiceKey): string => `belay/${platform}/${imageWord(service)}:`;

export const revisionTag = (platform: string, service: string, revision: number): string =>
  `${imagesOf({ platform, service })}r${revision}`;
