import type { Fronts } from '../../activities/deps';

/** Where no proxy is one that Belay runs. */
export const noFronts: Fronts = {
  ensure: async () => {
    throw new Error('no proxy here is one that Belay runs');
  },
  remove: async () => {
    throw new Error('no proxy here is one that Belay runs');
  },
  redirects: { possible: async () => false, hold: async () => true, seek: async () => undefined },
};
