import type { CheckWords } from './kind';
import { address, Query, url } from './parts';

/** A query to MySQL or MariaDB. */
export const mysql = {
  need: {
    mysql: address(
      url('mysql'),
      `is not the address of a MySQL database — write one such as mysql://shop:\${PASSWORD}@db:3306/shop`,
    ).describe('The address of a MySQL or MariaDB database that has to answer a query.'),
    query: Query,
  },
} satisfies CheckWords;
