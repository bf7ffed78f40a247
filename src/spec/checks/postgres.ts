import { z } from 'zod';
import type { CheckWords } from './kind';
import { address, Query, url } from './parts';

/** A query to PostgreSQL. */
export const postgres = {
  need: {
    postgres: address(
      url('postgres(ql)?'),
      `is not the address of a PostgreSQL database — write one such as postgres://shop:\${PASSWORD}@db:5432/shop`,
    ).describe('The address of a PostgreSQL database that has to answer a query.'),
    recovery: z
      .boolean()
      .optional()
      .describe('true: a server in recovery will do, such as a standby. It is refused where absent.'),
    query: Query,
  },
} satisfies CheckWords;
