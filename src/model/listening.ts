/** An address at which a proxy takes plain HTTP for one backend alone. */
export interface Listening {
  host: string;
  port: number;
  /** True if each request may reach any instance, by its share: the proxy keeps no client with one. */
  shared: boolean;
}

/** Returns the address by which this host reaches one that listens there. Pure. */
export const fromHere = (host: string): string =>
  ['', '*', '0.0.0.0'].includes(host) ? '127.0.0.1' : host === '::' ? '::1' : host;
