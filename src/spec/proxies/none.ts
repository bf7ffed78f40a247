import { z } from 'zod';
import type { ProxyKind } from './kind';

export const NoProxy = z
  .strictObject({ kind: z.literal('none') })
  .describe('No proxy: an instance takes traffic from its start and cannot be drained.');

export const none: ProxyKind = {
  capabilities: {
    places: 'none',
    checks: false,
    inFlight: 'unknown',
    chooses: false,
    sets: 'never',
    reaches: 'port',
    managed: false,
  },
  instead: {},
};
