import type { CheckWords } from './kind';
import { address, url } from './parts';

/** A query to PostgreSQL. */
export const postgres = {
  need: {
    postgres: address(
      url('postgres(ql)?'),
      `is not the address of a PostgreSQL database — write one such as postgres://shop:\${PASSWORD}@db:5432/shop`,
    ).describe('The address of a PostgreSQL database that has to answer a query.'),
  },
} satisfies CheckWords;
