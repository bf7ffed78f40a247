import type { AddressKeeper } from '../../../spec/init/findings';
import { aliasesOf, escaped } from './listening';
import type { MountedTexts } from './mounted-texts';
import type { ComposeProject, ComposeService } from './project';

interface Row extends Pick<AddressKeeper, 'tool' | 'instead'> {
  /** Pattern of image names, without registry and tag. */
  images: RegExp;
  /** Folder of its configuration, for images of any name. */
  folder: RegExp;
  /** Pattern of configuration lines that name a host; HOST stands for the host's pattern. */
  lines: string;
  /** Patterns of a line, or of a whole file, that make the tool look the name up regularly. */
  fresh: { line?: RegExp; file?: RegExp };
  /** The command within its container. */
  reload: string;
}

/** Envoy, Caddy and Traefik look names up regularly, so they have no row. */
const rows: Row[] = [
  {
    tool: 'nginx',
    images: /(^|[/-])(nginx|openresty|angie|tengine|freenginx|swag)(-|$)/,
    folder: /^\/(etc\/nginx|usr\/local\/openresty)(\/|$)/,
    lines: '(?:^|[{;])[ \\t]*(?:\\w+_pass\\s+(?:\\w+://)?|server\\s+)HOST(?=[:/;\\s])[^;\\n]*',
    fresh: { line: /\sresolve\b/ },
    reload: 'nginx -s reload',
    instead: 'resolver 127.0.0.11 valid=1s; proxy_connect_timeout 1s; set $to NAME:PORT; proxy_pass http://$to;',
  },
  {
    tool: 'HAProxy',
    images: /(^|[/-])haproxy(-|$)/,
    folder: /^\/(usr\/local\/)?etc\/haproxy(\/|$)/,
    lines: '^[ \\t]*server\\s+\\S+\\s+HOST(?=[:\\s]|$).*$',
    fresh: { line: /\sresolvers\s/, file: /^[ \t]*default-server\s.*\bresolvers\s/m },
    reload: 'kill -HUP 1',
    instead:
      'server … NAME:PORT resolvers docker init-addr last,libc,none, and a section resolvers docker with nameserver dns 127.0.0.11:53',
  },
  {
    tool: 'Apache',
    images: /(^|[/-])(httpd|apache2?)(-|$)/,
    folder: /^\/(usr\/local\/apache2|etc\/(httpd|apache2))(\/|$)/,
    lines: '^[ \\t]*(?:ProxyPass(?:Match)?\\s+\\S+\\s+|BalancerMember\\s+)\\W*\\w+://HOST(?=[:/\\s"]|$).*$',
    fresh: { line: /\b(disablereuse=on|enablereuse=off|addressttl=)/i },
    reload: 'httpd -k graceful',
    instead: 'write disablereuse=On behind the address',
  },
  {
    tool: 'Varnish',
    images: /(^|[/-])varnish(-|$)/,
    folder: /^\/etc\/varnish(\/|$)/,
    lines: '^[ \\t]*\\.host\\s*=\\s*"HOST".*$',
    fresh: {},
    reload: 'varnishreload',
    instead: 'a director of the vmod dynamic',
  },
];

/** Services whose configuration names this one, and that would keep its address for good. Pure. */
export function addressKeepers(project: ComposeProject, name: string, texts: MountedTexts): AddressKeeper[] {
  const names = [name, ...aliasesOf(project.services[name] ?? {})];
  return Object.entries(project.services).flatMap(([service, one]): AddressKeeper[] => {
    const row = rowOf(one);
    if (!row || service === name) return [];
    const { environment = {} } = one;
    const found = (texts[service] ?? []).map(({ path, text }) => ({
      file: path,
      line: keptBy(row, names, filledIn(text, environment)),
    }));
    const kept = found.find(({ line }) => line !== undefined);
    if (!kept) return [];
    const reload = `docker compose exec ${service} ${row.reload}`;
    const instead = likeLine(row.instead, kept.line!).replaceAll('NAME', name);
    return [{ service, tool: row.tool, file: kept.file, reload, instead }];
  });
}

/** The first line that names one of the hosts, and looks it up only once. */
function keptBy({ lines, fresh }: Row, names: string[], text: string): string | undefined {
  if (fresh.file?.test(text)) return undefined;
  const host = `(?:${names.map(escaped).join('|')})`;
  const found = [...text.matchAll(new RegExp(lines.replace('HOST', host), 'gm'))].map(([line]) => line);
  return found.find((line) => !fresh.line?.test(line));
}

/** The advice for nginx with the directive of the line: `fastcgi_pass`, `grpc_pass grpc://`. */
function likeLine(instead: string, line: string): string {
  const [, kind, scheme = ''] = /(\w+)_pass\s+(\w+:\/\/)?/.exec(line) ?? [];
  if (!kind) return instead;
  return instead.replace('proxy_connect', `${kind}_connect`).replace('proxy_pass http://', `${kind}_pass ${scheme}`);
}

function rowOf({ image = '', volumes = [], configs = [] }: ComposeService): Row | undefined {
  const known = rows.find(({ images }) => images.test(withoutTag(image)));
  return known ?? rows.find(({ folder }) => [...volumes, ...configs].some(({ target = '' }) => folder.test(target)));
}

const withoutTag = (image: string): string => image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');

/** Replaces variables as nginx's own image does in templates. */
const filledIn = (text: string, environment: Record<string, string | null>): string =>
  text.replace(/\$\{(\w+)\}/g, (whole, variable: string) => environment[variable] ?? whole);
