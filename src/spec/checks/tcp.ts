import type { CheckWords } from './kind';
import { address, Port, place } from './parts';

/** A TCP connection that is accepted and kept. */
export const tcp = {
  ready: { tcp: Port.optional().describe('A port that accepts connections when the instance is ready.') },
  need: {
    tcp: address(new RegExp(`^${place}$`), 'is not host:port — write one such as temporal:7233').describe(
      'host:port that has to accept connections.',
    ),
  },
  asks: ({ tcp }: { tcp?: number }) => tcp,
} satisfies CheckWords;
