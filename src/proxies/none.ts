import type { Proxy } from './proxy';

/** No proxy: an instance takes traffic from its start, so every verb is empty. */
export function noProxy(): Proxy {
  return {
    stage: async () => {},
    admit: async () => {},
    drain: async () => {},
    remove: async () => {},
    weigh: async () => {},
    observe: async () => [],
    isSticky: async () => false,
  };
}
