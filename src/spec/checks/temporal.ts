import type { CheckWords } from './kind';
import { address, place } from './parts';

/** A namespace of a Temporal server. */
export const temporal = {
  need: {
    temporal: address(
      new RegExp(`^${place}(/[^\\s/]+)?$`),
      'is not host:port — write one such as temporal:7233, or temporal:7233/shop for a namespace of its own',
    ).describe('host:port, or host:port/namespace, of a Temporal server that has to have the namespace.'),
  },
} satisfies CheckWords;
