import type { DesiredService } from './desired';

/** The service's fingerprint by its files alone: without `belay set`, a restart or the services it restarts with. Pure. */
export const filesFingerprint = (
  service: Pick<DesiredService, 'overrides' | 'again' | 'own' | 'fingerprint'>,
): string => service.overrides?.of ?? service.again?.of ?? service.own ?? service.fingerprint;
