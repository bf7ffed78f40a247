import { z } from 'zod';
import { sentence } from '../words';

const tokenSentence = 'is no such name — write letters, digits, hyphens and underscores, such as X-Beta';
const token = z.string(tokenSentence).regex(/^[A-Za-z0-9_-]+$/, tokenSentence);
const valueSentence = 'is no such value — write letters, digits and . _ : / = + @ -, such as "yes"';
const value = z.string(valueSentence).regex(/^[\w.:/=+@-]+$/, valueSentence);
const addressSentence = 'is no address — write one such as 192.0.2.7, or a range such as 10.0.0.0/8';

const named = (what: string, of: string) =>
  sentence(
    z
      .strictObject({
        name: sentence(token, `The name of the ${what}.`),
        value: sentence(value.optional(), 'Its value; any where absent.'),
      })
      .optional(),
    `The requests with this ${what}${of}.`,
  );

/** The clients whom a canary serves from its first step on; a client is chosen by any one of these. */
export const ClientMatch = z
  .strictObject({
    header: named('header', ''),
    cookie: named('cookie', ', as the service sets it for those who are to see a new version first'),
    addresses: sentence(
      z
        .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: () => addressSentence }))
        .min(1, 'is empty — write an address such as 192.0.2.7, or a range such as 10.0.0.0/8')
        .optional(),
      'The addresses of clients as the proxy sees them, each one or a range.',
    ),
  })
  .refine(
    (match) => Object.values(match).some((one) => one !== undefined),
    'chooses nobody — write header, cookie or addresses',
  );

export type ClientMatch = z.infer<typeof ClientMatch>;

/** Returns who is chosen, in words. Pure. */
export function clientsOf({ header, cookie, addresses }: ClientMatch): string {
  const named = (what: string, { name, value: own }: { name: string; value?: string }) =>
    `${what} ${name}${own === undefined ? '' : `: ${own}`}`;
  const ways = [
    ...(header ? [named('header', header)] : []),
    ...(cookie ? [named('cookie', cookie)] : []),
    ...(addresses ? [`address ${addresses.join(', ')}`] : []),
  ];
  return `clients with ${ways.join(' or ')}`;
}
