import { z } from 'zod';
import type { CheckWords } from './kind';
import { address, url } from './parts';

/** PING to Redis, and its role. */
export const redis = {
  need: {
    redis: address(
      url('rediss?'),
      `is not the address of a Redis — write one such as redis://:\${PASSWORD}@redis:6379`,
    ).describe('The address of a Redis that has to answer PING.'),
    role: z
      .enum(['master', 'replica', 'any'])
      .optional()
      .describe('Its role in replication; master where absent, as far as the user of the address may ask for it.'),
  },
} satisfies CheckWords;
