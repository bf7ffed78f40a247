import type { CheckWords } from './kind';
import { address, url } from './parts';

/** PING to Redis. */
export const redis = {
  need: {
    redis: address(
      url('rediss?'),
      `is not the address of a Redis — write one such as redis://:\${PASSWORD}@redis:6379`,
    ).describe('The address of a Redis that has to answer PING.'),
  },
} satisfies CheckWords;
