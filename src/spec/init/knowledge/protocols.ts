import type { ListeningPort } from '../findings';
import { whole } from './clue';

type Protocol = NonNullable<ListeningPort['protocol']>;

/** Labels by which a proxy is told a service's port. The first group is the port. */
export const labelPorts: Array<{ label: RegExp; value: RegExp; protocol: Protocol }> = [
  { label: /^traefik\.http\.services\..+\.loadbalancer\.server\.port$/i, value: /^(\d+)$/, protocol: 'http' },
  { label: /^traefik\.tcp\.services\..+\.loadbalancer\.server\.port$/i, value: /^(\d+)$/, protocol: 'tcp' },
  { label: /^traefik\.port$/i, value: /^(\d+)$/, protocol: 'http' },
  { label: /^caddy(_\d+)?\..*reverse_proxy/i, value: /\{\{\s*upstreams\s+(?:http\s+)?(\d+)\s*\}\}/, protocol: 'http' },
  { label: /^caddy(_\d+)?\..*reverse_proxy/i, value: /\{\{\s*upstreams\s+https\s+(\d+)\s*\}\}/, protocol: 'tcp' },
  { label: /^caddy(_\d+)?\..*reverse_proxy/i, value: /\{\{\s*upstreams\s+h2c\s+(\d+)\s*\}\}/, protocol: 'grpc' },
  { label: /^swag_port$/i, value: /^(\d+)$/, protocol: 'http' },
  { label: /^easyhaproxy\..+\.localport$/i, value: /^(\d+)$/, protocol: 'http' },
  { label: /^tsdproxy\.container_port$/i, value: /^(\d+)$/, protocol: 'http' },
  { label: /^proxy\.[^.]+\.port$/i, value: /^(?:\d+:)?(\d+)$/, protocol: 'http' },
  { label: /^com\.github\.nginx-proxy\.nginx-proxy\.port$/i, value: /^(\d+)$/, protocol: 'http' },
];

/** Labels and variables by which a proxy sends http, at a port that they do not name. */
export const ledByHttp = { labels: /^traefik\.http\.|^caddy(_\d+)?$/i, variables: /^VIRTUAL_HOST$/ };

/** A label or variable that tells another protocol than http: the scheme of the port behind the proxy. */
export const schemeLabels = /^traefik\.http\.services\..+\.loadbalancer\.server\.scheme$|^VIRTUAL_PROTO$/i;

/** Protocols by the words of these schemes; others are tcp. */
export const byScheme: Record<string, Protocol> = { http: 'http', h2c: 'grpc', grpc: 'grpc' };

/** Variables by which a service is told its own port. Services that share an environment may have another's. */
export const portVariables: Array<{ variable: RegExp; protocol?: Protocol }> = [
  {
    variable:
      /^(HTTP_PORT|UVICORN_PORT|FLASK_RUN_PORT|N8N_PORT|GF_SERVER_HTTP_PORT|NITRO_PORT|KC_HTTP_PORT|ASPNETCORE_(HTTP_PORTS|URLS))$/,
    protocol: 'http',
  },
  { variable: /^((APP|SERVER|LISTEN|WEB|API|SERVICE|CONTAINER|NODE|NUXT|BACKEND|FRONTEND)_)?PORT$/ },
  { variable: /^(LISTEN|BIND)(_ADDR(ESS)?)?$|^(SERVER|APP)_ADDR(ESS)?$/ },
];

/** Options of commands that tell the port at which a program listens. The first group is the port. */
export const portOptions =
  /(?:--(?:[\w.-]*-)?port[= ]|--(?:bind|listen|addr|address|http|host)[= ]\S*?:|(?:^|\s)-b[= ]\S*?:|(?:^|\s)-p[= ]|\b0\.0\.0\.0:|\[::\]:|(?:^|\s):)(\d{2,5})\b/;

/** Programs that serve http at their port. */
export const httpServers =
  /\b(uvicorn|gunicorn|hypercorn|daphne|waitress-serve|granian|flask run|fastapi run|streamlit run|runserver|next start|next dev|nuxt start|vite|http-server|http\.server|rails s(erver)?|puma|unicorn|thin start|php -S|artisan serve|caddy run|nginx|apache2-foreground|httpd-foreground|json-server|mkdocs serve|hugo server|jupyter)\b|\bserve\s+-/;

/** Images of programs that serve http at this port. */
export const httpImages: Array<{ match: RegExp; ports: number[] }> = [
  {
    match: whole(`nginx openresty httpd caddy traefik whoami wordpress nextcloud pgadmin4 phpmyadmin swag nginx-proxy
      nginx-proxy-manager pihole`),
    ports: [80],
  },
  {
    match: whole('nginx-unprivileged keycloak adminer kafka-ui cadvisor jenkins graphql-engine tomcat'),
    ports: [8080],
  },
  { match: whole('grafana grafana-oss grafana-enterprise gitea forgejo metabase umami'), ports: [3000] },
  { match: whole('prometheus'), ports: [9090] },
  { match: whole('alertmanager'), ports: [9093] },
  { match: whole('node-exporter'), ports: [9100] },
  { match: whole('loki'), ports: [3100] },
  { match: whole('n8n'), ports: [5678] },
  { match: whole('ghost'), ports: [2368] },
  { match: whole('kibana'), ports: [5601] },
  { match: whole('opensearch-dashboards'), ports: [5601] },
  { match: whole('mailhog mailpit'), ports: [8025] },
  { match: whole('uptime-kuma'), ports: [3001] },
  { match: whole('mongo-express redis-commander'), ports: [8081] },
  { match: whole('minio'), ports: [9000, 9001] },
  { match: whole('superset'), ports: [8088] },
  { match: whole('jellyfin'), ports: [8096] },
];

/** Lines of mounted configuration that prove http at HOST:PORT; an upstream is named by its first group. */
export const httpLines = {
  scrapes: /^\s*scrape_configs:/m,
  direct: ['reverse_proxy\\s+(?:[^\\n]*\\s)?HOST:PORT\\b', 'proxy_pass\\s+http://HOST:PORT\\b'],
  upstream: 'upstream\\s+([\\w.-]+)\\s*\\{[^}]*\\bserver\\s+HOST:PORT\\b',
  haproxy: '^\\s*mode\\s+http\\b[\\s\\S]*^\\s*server\\s+\\S+\\s+HOST:PORT\\b(?!.*\\sssl\\b)',
};

/** Lines that prove another protocol. */
export const tcpLines = ['(?:fastcgi|uwsgi|scgi)_pass\\s+HOST:PORT\\b', 'php_fastcgi\\s+HOST:PORT\\b'];

/** Programs in a health check that speak http where they are given no scheme. */
export const httpClients = /\b(curl|wget|http|https?ie)\b/;
