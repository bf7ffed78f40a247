import { z } from 'zod';
import { Duration } from './duration';

/** Whatever else stands in a need with a variable in it, only the host can tell what it comes to. */
const written = (pattern: RegExp, sentence: string) =>
  z
    .string()
    .min(1)
    .refine((text) => text.includes('$') || pattern.test(text), sentence)
    .optional();
const place = String.raw`(\[[0-9a-fA-F:.]+\]|[^\s/:@[\]]+):\d{1,5}`;
const url = (schemes: string) => new RegExp(`^(${schemes})://\\S+$`);

/** The kinds of needs that something other than a service of the spec meets. */
export const needKinds = ['http', 'tcp', 'postgres', 'redis', 'grpc'] as const;
export type NeedKind = (typeof needKinds)[number];

/** What a need says beside `service`. */
export const needKeys = {
  http: written(url('https?'), 'is no address — write one such as http://flags:9000/health').describe(
    'An address that has to answer.',
  ),
  status: z
    .number()
    .int()
    .min(100)
    .max(599)
    .optional()
    .describe('The status that http has to answer; 200 where absent.'),
  tcp: written(new RegExp(`^${place}$`), 'is no host:port — write one such as temporal:7233').describe(
    'host:port that has to accept connections.',
  ),
  postgres: written(
    url('postgres(ql)?'),
    `is no address of a PostgreSQL — write one such as postgres://shop:\${PASSWORD}@db:5432/shop`,
  ).describe('The address of a PostgreSQL database that has to answer a query.'),
  redis: written(
    url('rediss?'),
    `is no address of a Redis — write one such as redis://:\${PASSWORD}@redis:6379`,
  ).describe('The address of a Redis that has to answer PING.'),
  grpc: written(
    new RegExp(`^${place}(/[^\\s/]+)?$`),
    'is no host:port — write one such as orders:50051, or orders:50051/shop.Orders for one service of it',
  ).describe('host:port, or host:port/service, whose grpc.health.v1.Health has to say SERVING.'),
  required: z.boolean().optional().describe('false: the release goes on without it, and says so. true where absent.'),
  within: Duration.refine((ms) => ms > 0, 'takes no time at all — write more than 0s')
    .refine((ms) => ms <= 3_600_000, 'is longer than an hour — write 1h or less')
    .optional()
    .describe('Longest time to wait for it; 10s where absent.'),
};
