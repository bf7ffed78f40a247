/** A wrong spec, and everything that is said about it. */
export interface BadSpec {
  name: string;
  yaml: string;
  /** The printed message, a line for each error. */
  message: string;
}

/** A spec of one service with more keys, from line 5. */
export const api = (keys: string): string =>
  `platform: shop\nservices:\n  api:\n    image: shop/api:1\n${keys.replace(/^/gm, '    ')}\n`;

/** A spec of one service, after other keys. */
export const top = (keys: string): string => `${keys}\nplatform: shop\nservices:\n  api: { image: shop/api:1 }\n`;

/** A proxy, in two lines. */
export const edge = 'proxies:\n  edge: { kind: haproxy, socket: /run/haproxy.sock, config: /etc/haproxy.cfg }\n';

/** A spec of one service with more keys, from line 7, behind a proxy. */
export const routed = (keys: string): string => edge + api(keys);

/** The same behind a proxy that Belay runs. */
export const managed = (keys: string): string => `proxies:\n  edge: { kind: haproxy, managed: true }\n${api(keys)}`;

/** The same behind a balancer of four commands. */
export const commanded = (keys: string): string =>
  `proxies:\n  mine: { kind: command, admit: [a], drain: [a], remove: [a], observe: [a] }\n${api(keys)}`;

/** The same behind an nginx. */
export const behindNginx = (keys: string): string =>
  `proxies:\n  web: { kind: nginx, config: /etc/nginx/belay }\n${api(keys)}`;

export const lines = (...all: string[]): string => all.join('\n');

/** A spec of one unit with more keys, from line 6. */
export const unit = (keys: string, proxies = ''): string =>
  `${proxies}platform: shop\nservices:\n  worker:\n    runtime: systemd\n    unit: worker.service\n${keys.replace(/^/gm, '    ')}\n`;
