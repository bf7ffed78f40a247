import type { ListeningPort } from '../findings';
import { word } from './clue';

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

/** Images of programs that serve http, by the last part of their names, and their ports. */
export const httpImages: Record<string, number[]> = Object.fromEntries(
  `nginx:80 openresty:80 httpd:80 caddy:80 traefik:80,8080 whoami:80 nginx-proxy:80 nginx-proxy-manager:80,81 swag:80
  nginx-unprivileged:8080 tomcat:8080 wordpress:80 drupal:80 joomla:80 ghost:2368 matomo:80 moodle:8080 odoo:8069
  nextcloud:80 owncloud:8080 server-owncloud:8080 phpmyadmin:80 pgadmin4:80 adminer:8080 mongo-express:8081
  redis-commander:8081 redisinsight:5540 kafka-ui:8080 akhq:8080 kafdrop:9000
  grafana:3000 grafana-oss:3000 grafana-enterprise:3000 prometheus:9090 alertmanager:9093 pushgateway:9091
  node-exporter:9100 blackbox-exporter:9115 cadvisor:8080 loki:3100 promtail:9080 tempo:3200 mimir:9009 pyroscope:4040
  postgres-exporter:9187 redis_exporter:9121 mysqld-exporter:9104 nginx-prometheus-exporter:9113
  kibana:5601 opensearch-dashboards:5601 zipkin:9411 all-in-one:16686 jaeger:16686 uptime-kuma:3001 dozzle:8080
  keycloak:8080 authelia:9091 zitadel:8080 oauth2-proxy:4180 vaultwarden:80 pihole:80 portainer-ce:9000 portainer:9000
  gitea:3000 forgejo:3000 gitlab-ce:80 registry:5000 verdaccio:4873 nexus3:8081 sonarqube:9000 jenkins:8080
  woodpecker-server:8000 n8n:5678 node-red:1880 node-red-docker:1880 home-assistant:8123 zigbee2mqtt:8080
  metabase:3000 superset:8088 umami:3000 plausible:8000 flower:5555 mlflow:5000 rstudio:8787 graphql-engine:8080
  directus:8055 strapi:1337 postgrest:3000 gotrue:9999 mailhog:8025 mailpit:8025 maildev:1080
  minio:9000,9001 jellyfin:8096 plex:32400 sonarr:8989 radarr:7878 prowlarr:9696 bazarr:6767 lidarr:8686
  navidrome:4533 audiobookshelf:80 calibre-web:8083 kavita:5000 komga:25600 photoprism:2342 immich-server:2283
  paperless-ngx:8000 gotenberg:3000 tika:9998 linkding:9090 miniflux:8080 freshrss:80 bookstack:80 hedgedoc:3000
  outline:3000 wiki:3000 mealie:9000 changedetection.io:5000 open-webui:8080 ollama:11434 excalidraw:80 drawio:8080
  homepage:3000 homarr:7575 heimdall:80 it-tools:80 vikunja:3456 mattermost-team-edition:8065 rocket.chat:3000
  synapse:8008 temporal-ui:8080 element-web:80 firefly-iii:8080`
    .split(/\s+/)
    .map((one) => one.split(':') as [string, string])
    .map(([name, ports]) => [name, ports.split(',').map(Number)]),
);

/** Web servers in names of images, and their usual ports. */
export const webServers = { images: word('nginx apache httpd caddy'), ports: [80, 8080] };

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
