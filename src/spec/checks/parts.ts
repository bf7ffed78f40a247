import { z } from 'zod';

export const Port = z.number().int().min(1).max(65535);

const urlPath = 'is not a path — write one that starts with /, such as /ready';

export const UrlPath = z
  .string()
  .startsWith('/', urlPath)
  .regex(/^[\x21-\x7e]*$/, 'has a character that no URL has — write it percent-encoded, such as %20');

export const Status = z.number().int().min(100).max(599);

const statusSentence =
  'is not a status — write a number from 100 to 599, a class such as 2xx, or a list such as [200, 3xx]';
const StatusClass = z.string().regex(/^[1-5]xx$/, statusSentence);
const OneStatus = z.union([Status, StatusClass], statusSentence);

/** A status, a class of them such as `2xx`, or a list of both. */
export const Statuses = z.union([Status, StatusClass, z.array(OneStatus).min(1)], statusSentence);

/** The address of a need. An address with a variable is checked on the host, which knows the value. */
export const address = (pattern: RegExp, sentence: string) =>
  z
    .string({ error: ({ input }) => (typeof input === 'number' ? sentence : undefined) })
    .min(1)
    .refine((text) => text.includes('$') || pattern.test(text), sentence)
    .optional();

/** `host:port` */
export const place = String.raw`(\[[0-9a-fA-F:.]+\]|[^\s/:@[\]]+):\d{1,5}`;

/** A question to a database whose answer decides. It only reads. */
export const Query = z
  .string()
  .refine(
    (text) => /^\s*(select|with|show|values|table)\b/i.test(text),
    'is not a query — write one such as select count(*) > 0 from plans',
  )
  .optional()
  .describe('A query that only reads: the first value of its answer must be neither false, 0 nor empty.');

export const url = (schemes: string) => new RegExp(`^(${schemes})://\\S+$`);

/** The name of a host, as a certificate has it. */
export const HostName = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/, {
    error: 'is not the name of a host — write one such as shop.example.com',
  });
