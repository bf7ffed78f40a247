/** HAProxy's HTTP check of an instance. */
export interface HttpCheckLines {
  path: string;
  /** Expected status; 200 if absent. */
  status?: number;
  /** Request headers by their names. */
  headers?: Record<string, string>;
  /**
   * Check by HTTP/1.1 though requests use another version. A server's own `check-proto` would end each check with an
   * error of the socket.
   */
  byHttp1?: boolean;
  /** The port expects the PROXY protocol's line; a connection by HTTP/1.1 alone does not follow the server in that. */
  proxied?: boolean;
}

/**
 * Returns the backend's lines for a check by HTTP/1.1 with this machine as host, as Belay's own probe sends it.
 * HAProxy's short form uses HTTP/1.0 and names no host, which some services refuse. Pure.
 */
export function checkLines({
  path,
  status = 200,
  headers = {},
  byHttp1 = false,
  proxied = false,
}: HttpCheckLines): string[] {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const all = { ...(names.includes('host') ? {} : { host: '127.0.0.1' }), ...headers };
  const sent = Object.entries(all).map(([name, value]) => `hdr ${word(name)} ${word(value.replaceAll('%', '%%'))}`);
  const connect = byHttp1 ? [`http-check connect${proxied ? ' send-proxy' : ''} proto h1`] : [];
  return [
    'option httpchk',
    ...connect,
    `http-check send meth GET uri ${word(path)} ver HTTP/1.1 ${sent.join(' ')}`,
    `http-check expect status ${status}`,
  ];
}

/** Quotes a word: nothing within single quotes has a meaning for HAProxy. */
const word = (text: string): string =>
  /^[\w/.:?=&~@%+,;*!-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
