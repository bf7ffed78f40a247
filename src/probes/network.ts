import { isIP, type LookupFunction } from 'node:net';

/** Leads every name to this one address; the name itself is still what a server is asked for by. Absent: as names resolve. */
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

/** What an error of the network means; undefined for any other. Says no address. */
export function networkReason(error: unknown): string | undefined {
  const { code = '', errors } = error as { code?: string; errors?: unknown[] };
  // Of a name with several addresses, each was tried.
  return words[code] ?? (errors?.[0] === undefined ? undefined : networkReason(errors[0]));
}

/** Of certificates and TLS; their messages may have names in them. */
export function tlsReason({ code = '' }: { code?: string }): string | undefined {
  return /^(EPROTO|ERR_TLS|ERR_SSL|CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code) ? `TLS: ${code}` : undefined;
}
