import type { RuntimeInstance } from '../../runtime';
import { askersOf } from '../compose/listening';
import type { ComposeProject } from '../compose/project';
import type { Engine, Listening } from '../engine';
import { neighboursIn } from './neighbours';
import type { Finding, ServiceFacts } from './surroundings';

type Runtime = Pick<Engine, 'listening'>;

/**
 * Ports that become unreachable once a managed proxy has the service's name, because no route leads there. Running
 * instances listen at them, or another service's configuration names them.
 */
export async function unroutedPorts(
  runtime: Runtime,
  around: ServiceFacts,
  seen: RuntimeInstance[],
): Promise<Finding[]> {
  const { service, compose, texts, managed } = around;
  if (managed.length === 0 || !isReached(compose, service)) return [];
  const isUnrouted = (port: number) => managed.every((route) => route.port !== port);
  const askers = [...askersOf(compose, service, texts)].filter(([port]) => isUnrouted(port));
  const { tcp, udp, unseen } = await listeningNow(runtime, seen);
  const others = tcp.filter((port) => isUnrouted(port) && !askers.some(([asked]) => asked === port));
  return [
    ...askers.map(([port, by]) => cutOff(around, { ports: [port], who: `${by.join(' and ')} connects to it at` })),
    ...(others.length > 0 ? [cutOff(around, { ports: others, who: 'its instances listen on' })] : []),
    ...(udp.length > 0 ? [cutOffUdp(around, udp)] : []),
    ...(unseen ? [notSeen(around)] : []),
  ];
}

/** True if another service can reach this one by name. */
const isReached = (compose: ComposeProject, service: string): boolean =>
  neighboursIn(compose, service).length > 0 ||
  Object.keys(compose.services[service]?.networks ?? {}).some((key) => compose.networks[key]?.external);

/** The ports at which running instances listen; one instance of each revision is enough. */
async function listeningNow(runtime: Runtime, seen: RuntimeInstance[]) {
  const running = seen.filter(({ state }) => state === 'running');
  const firsts = running.filter(
    (one, index) => running.findIndex(({ revision }) => revision === one.revision) === index,
  );
  const looks = await Promise.all(firsts.map(({ name }) => runtime.listening(name)));
  const found = looks.filter((one): one is Listening => one !== undefined);
  const all = (kind: keyof Listening) => [...new Set(found.flatMap((one) => one[kind]))].sort((a, b) => a - b);
  return { tcp: all('tcp'), udp: all('udp'), unseen: found.length < looks.length };
}

function cutOff({ service, managed }: ServiceFacts, { ports, who }: { ports: number[]; who: string }): Finding {
  const proxy = managed[0]!.proxy;
  const routes = ports.map((port) => `{ proxy: ${proxy}, backend: ${service}.${port}, port: ${port}, protocol: tcp }`);
  return {
    text: `${who} ${portList(ports)}, to which no route leads: ${service}:${ports[0]} refuses connections while proxy ${proxy} has the name`,
    todo: `add to its routes, where others need it: ${routes.join(', ')}`,
  };
}

const cutOffUdp = ({ service, managed }: ServiceFacts, ports: number[]): Finding => ({
  text: `its instances listen on ${portList(ports)} of UDP, which no proxy forwards: ${service}:${ports[0]} is unreachable while proxy ${managed[0]!.proxy} has the name`,
  todo: 'where others need it, let a service of its own without routes listen there',
});

const notSeen = ({ managed }: ServiceFacts): Finding => ({
  text: `Belay could not see where its instances listen: ports without a route are unreachable while proxy ${managed[0]!.proxy} has the name`,
  todo: 'run the worker on the machine of the engine, or compare its ports with its routes',
});

const portList = (ports: number[]): string => `port${ports.length > 1 ? 's' : ''} ${ports.join(', ')}`;
