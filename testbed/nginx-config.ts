export type NginxVersion = 'debian' | 'current';

export type NginxLines = { main?: string[]; http?: string[]; upstream?: string[] };

export type NginxConfigInput = {
  version: NginxVersion;
  dir: string;
  pidPath: string;
  /** Folder of the lists of servers. */
  folder: string;
  backends: { name: string; port: number }[];
  /** How long clients may keep a connection, as nginx writes times. */
  keepAlive: string;
  /** Lines after the default ones. */
  options?: NginxLines;
};

/**
 * Returns the nginx.conf of the test bed. Zero lost requests depend on these lines, as docs/nginx.md measures: an nginx
 * that cannot keep idle clients through a reload keeps none.
 */
export function nginxConfig({
  version,
  dir,
  pidPath,
  folder,
  backends,
  keepAlive,
  options = {},
}: NginxConfigInput): string {
  const isCurrent = version === 'current';
  const keeping = [`keepalive_timeout ${keepAlive};`, ...(isCurrent ? [`keepalive_min_timeout ${keepAlive};`] : [])];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${dir}/${kind};`,
  );
  return [
    ...(process.getuid?.() === 0 ? ['user root root;'] : []),
    ...['daemon off;', 'worker_processes 2;', `pid ${pidPath};`, `error_log ${dir}/error.log;`],
    ...(options.main ?? []),
    'events { worker_connections 1024; }',
    'http {',
    ...['access_log off;', ...temporary, ...keeping, ...safety].map(indent),
    ...backends.flatMap(({ name, port }) => [
      `  upstream ${name} {`,
      ...[
        `include ${folder}/${name}.servers;`,
        ...(isCurrent ? ['keepalive 0;'] : []),
        ...(options.upstream ?? []),
      ].map((line) => indent(indent(line))),
      '  }',
      `  server { listen 127.0.0.1:${port}; location / { proxy_pass http://${name}; } }`,
    ]),
    ...(options.http ?? []).map(indent),
    '}',
    '',
  ].join('\n');
}

const safety = [
  'client_header_timeout 5s;',
  'proxy_connect_timeout 1s;',
  'proxy_next_upstream error timeout http_502 http_503 http_504;',
];

const indent = (line: string): string => `  ${line}`;
