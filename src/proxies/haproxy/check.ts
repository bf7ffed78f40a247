/** What HAProxy asks an instance by HTTP. */
export interface HttpCheckLines {
  path: string;
  /** What it has to answer; 200 where absent. */
  status?: number;
  /** Request headers by their names. */
  headers?: Record<string, string>;
  /** Where its requests are of another version: a server's own `check-proto` ends each check with an error of the socket. */
  byHttp1?: boolean;
  /** The port expects the PROXY protocol's line; a connection by HTTP/1.1 alone does not follow the server in that. */
  proxied?: boolean;
}

/**
 * The lines of a backend that make its check an HTTP request, of HTTP/1.1 and to this machine as Belay's own probe is:
 * HAProxy's short form is of HTTP/1.0 and names no host, which some services refuse. Pure.
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

/** As HAProxy reads it back: nothing within single quotes means anything to it. */
const word = (text: string): string =>
  /^[\w/.:?=&~@%+,;*!-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
