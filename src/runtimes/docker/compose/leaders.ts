import type { Leader } from '../../../spec/init/findings';
import { environmentOf } from './environment';
import type { ComposeProject } from './project';

interface Row extends Pick<Leader, 'tool' | 'instead'> {
  labels?: RegExp;
  variables?: RegExp;
  /** True if the found labels or variables, by name, really lead to the containers. */
  leads?: (found: Record<string, string>) => boolean;
}

/**
 * Tools that find containers by labels or variables, and connect to their addresses. Tools that use a name, such as a
 * Cloudflare tunnel or Caddy with `api:8080`, go through the proxy.
 */
const rows: Row[] = [
  {
    tool: 'Traefik',
    labels: /^traefik\./i,
    leads: (found) =>
      !Object.entries(found).some(
        ([label, value]) =>
          (/^traefik\.enable$/i.test(label) && !isOn(value)) || /\.loadbalancer\.server\.url$/i.test(label),
      ),
    instead:
      'take its traefik labels away, and name the service in a file of Traefik (providers.file: loadBalancer: { servers: [{ url: "http://NAME:PORT" }] })',
  },
  {
    tool: 'nginx-proxy',
    variables: /^VIRTUAL_HOST(_MULTIPORTS)?$/,
    leads: (found) => Object.values(found).some((value) => value.trim() !== ''),
    instead:
      'take VIRTUAL_HOST away, and give nginx-proxy a file in /etc/nginx/conf.d (resolver 127.0.0.11 valid=1s; proxy_connect_timeout 1s; set $to NAME:PORT; proxy_pass http://$to;)',
  },
  {
    tool: 'Caddy',
    labels: /^caddy(_\d+)?(\..+)?$/i,
    leads: (found) => Object.values(found).some((value) => /\{\{\s*upstreams\b/.test(value)),
    instead: 'write caddy.reverse_proxy: "NAME:PORT" in place of {{upstreams}}',
  },
  {
    tool: 'SWAG',
    labels: /^swag(_\w+)?$/i,
    leads: (found) => isOn(found.swag ?? '') && found.swag_address === undefined,
    instead: 'write the label swag_address: NAME',
  },
  {
    tool: 'EasyHAProxy',
    labels: /^easyhaproxy\..+\.host$/i,
    instead: 'take its easyhaproxy labels away, and name NAME:PORT in its static configuration',
  },
  {
    tool: 'TSDProxy',
    labels: /^tsdproxy\./i,
    leads: (found) => isOn(found['tsdproxy.enable'] ?? ''),
    instead: 'take its tsdproxy labels away, and name http://NAME:PORT in a list of TSDProxy',
  },
  {
    tool: 'GoDoxy',
    labels: /^proxy\.aliases$/i,
    instead: 'take its proxy labels away, and name http://NAME:PORT in a route file of GoDoxy',
  },
  {
    tool: 'Registrator',
    variables: /^SERVICE_(\d+_NAME|(\d+_)?(TAGS|CHECK_\w+))$/,
    instead: 'take its SERVICE_ variables away (or SERVICE_IGNORE: "true"), and register NAME:PORT by hand',
  },
];

const isOn = (value: string): boolean => /^(true|1|yes|on|enable)$/i.test(value.trim());

/** Tools that send requests to the containers of a service, by its labels and variables. Pure. */
export function leadersOf(project: ComposeProject, name: string): Leader[] {
  const service = project.services[name] ?? {};
  const environment = environmentOf(project, service);
  return rows.flatMap(({ tool, labels, variables, leads = () => true, instead }): Leader[] => {
    const found = { ...matching(service.labels, labels), ...matching(environment, variables) };
    const names = Object.keys(found);
    if (names.length === 0 || !leads(found)) return [];
    const by = `${labels ? 'label' : 'variable'}${names.length > 1 ? 's' : ''} ${shortList(names)}`;
    return [{ tool, by, instead: instead.replaceAll('NAME', name) }];
  });
}

function matching(all: Record<string, string | null> = {}, pattern?: RegExp): Record<string, string> {
  const entries = Object.entries(all).filter(([name, value]) => value !== null && pattern?.test(name));
  return Object.fromEntries(entries) as Record<string, string>;
}

const shortList = (names: string[]): string =>
  names.length > 2 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ');
