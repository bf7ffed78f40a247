import type { Deps } from '../../activities';

/** A Temporal whose releases all run still. */
export const fakeTemporal: Deps['temporal'] = {
  address: '127.0.0.1:7233',
  namespace: 'default',
  cluster: 'c',
  isOpen: async () => 'open',
  report: async () => undefined,
};
