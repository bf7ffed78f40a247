import { isIP, type LookupFunction } from 'node:net';

/** Returns `host:port`, with the brackets of an IPv6 address. */
export const authority = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** Resolves every name to this one address; the server still sees the name. Absent: names resolve as usual. */
export function lookupTo(address: string | undefined): LookupFunction | undefined {
  if (address === undefined) return undefined;
  return (_name, { all }, callback) => {
    const family = isIP(address);
    if (all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

const words: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed without an answer',
  EPIPE: 'connection closed without an answer',
  ENOTFOUND: 'the name of its host is not known here',
  EAI_AGAIN: 'the name of its host cannot be looked up',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ETIMEDOUT: 'no connection',
};

/** Returns the meaning of a network error, without an address; undefined for any other error. */
export function networkReason(error: unknown): string | undefined {
  const { code = '', errors } = error as { code?: string; errors?: unknown[] };
  // Each address of the name was tried: the first error speaks for all.
  return words[code] ?? (errors?.[0] === undefined ? undefined : networkReason(errors[0]));
}

/** Returns the meaning of an error of TLS or certificates; their own messages may contain names. */
export function tlsReason({ code = '' }: { code?: string }): string | undefined {
  return /^(EPROTO|ERR_TLS|ERR_SSL|CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code) ? `TLS: ${code}` : undefined;
}
