import type { TemplateFacts } from '../runtime';
import { marksIn } from './compose/labels';
import type { CreateOptions } from './create-options';
import { composeLabels } from './observe';

interface Binding {
  HostIp?: string;
  HostPort?: string;
}

/** The facts in a container's options. Pure. */
export function readTemplate({ Image, Env, Labels = {}, HostConfig }: CreateOptions): TemplateFacts {
  return {
    image: Image,
    ...portsOf((HostConfig?.PortBindings ?? {}) as Record<string, Binding[] | null>),
    environment: asRecord(Env),
    project: Labels[composeLabels.project],
    marks: marksIn(Labels),
  };
}

function portsOf(bindings: Record<string, Binding[] | null>): Pick<TemplateFacts, 'ports' | 'published'> {
  const entries = Object.entries(bindings).flatMap(([key, list]) => {
    const [port, protocol] = key.split('/');
    const hosts = (list ?? []).filter(({ HostPort }) => HostPort);
    return protocol === 'tcp' && hosts.length > 0 ? [{ port: port!, hosts }] : [];
  });
  return {
    ports: Object.fromEntries(entries.map(({ port, hosts }) => [port, portOf(hosts.find(isOnLoopback) ?? hosts[0]!)])),
    published: entries.flatMap(({ hosts }) => hosts.map(portOf)),
  };
}

const portOf = ({ HostPort }: Binding): number => Number(HostPort);

/** True for addresses where a user's own proxy connects. */
const isOnLoopback = ({ HostIp = '' }: Binding): boolean => ['', '0.0.0.0', '::', '127.0.0.1'].includes(HostIp);

const asRecord = (pairs: string[] = []): Record<string, string> =>
  Object.fromEntries(pairs.map((pair) => [pair.split('=')[0]!, pair.slice(pair.indexOf('=') + 1)]));
