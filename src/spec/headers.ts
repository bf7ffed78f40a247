import { z } from 'zod';

/** Headers that carry a login. A spec must hold no secret, since everybody who may see a release can read it. */
const secrets = ['authorization', 'proxy-authorization', 'cookie'];
/** Headers that the connection itself decides. */
const ofConnection = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** HAProxy takes 64 words in one line, three for each header and eight before them. */
const MOST = 16;

const HeaderName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not the name of a header — write one such as host or x-forwarded-proto')
  .refine(
    (name) => !secrets.includes(name.toLowerCase()),
    'carries a login, and a spec keeps no secrets — ask a path that needs no login, or let the HEALTHCHECK of the image ask',
  )
  .refine(
    (name) => !ofConnection.includes(name.toLowerCase()),
    'belongs to the connection, and the client decides it — leave it out',
  );

const HeaderValue = z
  .string()
  .max(1024)
  .regex(
    /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/,
    'is not the value of a header — write printable ASCII on one line, without spaces around it',
  )
  .refine((text) => !/\$(\{|\w)/.test(text), {
    error: 'has a variable in it, which is not replaced — write the value itself',
    abort: true,
  });

/** Request headers of an http check, by name; `host` replaces the instance's own address. */
export const Headers = z
  .record(HeaderName, HeaderValue)
  .refine(
    (all) => Object.keys(all).length <= MOST,
    `has more than ${MOST} headers — keep those without which the service does not answer`,
  )
  .refine((all) => isHost(find(all, 'host')), {
    message: 'is not the name of a host — write one such as shop.example.com or shop.example.com:8080',
    path: ['host'],
  })
  .refine(
    (all) => new Set(Object.keys(all).map((name) => name.toLowerCase())).size === Object.keys(all).length,
    'names one header twice, in capitals and not — keep one of them',
  );
export type Headers = z.infer<typeof Headers>;

const find = (all: Record<string, string>, wanted: string): string | undefined =>
  Object.entries(all).find(([name]) => name.toLowerCase() === wanted)?.[1];

const isHost = (text: string | undefined): boolean =>
  text === undefined || /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.*-]+)(:\d{1,5})?$/.test(text);
