import { formatDuration } from '../duration';
import { listed } from '../sentences';
import type { ComposeService, FoundHealthcheck, InitInput } from '.';
import { kindOf, recreateCauses } from './decision';
import type { ListeningPort } from './findings';
import { nginxRoutes } from './nginx';
import type { Speaker } from './notes';
import { managedRoutes, unrouted } from './routes';
import { line, scalar } from './text';
import { trafficComments } from './traffic';

type Proxy = InitInput['proxy'];

/** The lines of one service, with comments for the choices that are left. */
export function serviceBlock(service: ComposeService, proxy: Proxy, speaker: Speaker): string[] {
  const lines = [
    ...image(service),
    ...instances(service),
    ...(proxy === 'managed'
      ? managedRoutes(service, speaker)
      : [...route(service, proxy), ...unrouted(service, speaker), ...fixedPorts(service, proxy)]),
    ...trafficComments(service, proxy),
    ...volumes(service, speaker),
    ...readiness(service, speaker),
  ].flatMap((one) => one.split('\n'));
  const empty = lines.every((one) => one.trimStart().startsWith('#'));
  const head = `  ${scalar(service.name)}:${empty ? ' {}' : ''}`;
  if (service.isOneOfMany && empty && lines.length === 1) return [`${head}   ${lines[0]!.trim()}`];
  return [head, ...lines];
}

/** Compose names an image that it builds. */
const image = ({ name, image: given, builds }: ComposeService): string[] =>
  given || !builds ? [] : [`    image: ${scalar(builds)}   # docker compose build ${line(name)} makes it`];

/** One instance needs no words among many services. */
const instances = ({ replicas = 1, isOneOfMany }: ComposeService): string[] =>
  isOneOfMany && replicas === 1 ? [] : [`    # instances: ${replicas}   # as Compose says`];

/** The line that leads a proxy of the user to the service, if there is one. */
export function route(
  service: { name: string; listens: Array<{ port: number; published?: string[] }>; offNetwork?: boolean },
  proxy: Exclude<Proxy, 'managed'>,
): string[] {
  const {
    name,
    listens: [first],
    offNetwork,
  } = service;
  if (!proxy || !first || offNetwork) return [];
  if (proxy.kind === 'nginx') return nginxRoutes(service, proxy);
  const { backends } = proxy;
  const { port } = first;
  if (backends.includes(name)) return [`    routes: [{ proxy: edge, backend: ${scalar(name)}, port: ${port} }]`];
  const known = backends.length > 0 ? `; it has ${backends.join(', ')}` : '';
  return [
    `    # No backend of the proxy is named ${name}${line(known)}.`,
    `    # routes: [{ proxy: edge, backend: …, port: ${port} }]`,
  ];
}

/** Fixed host ports: only one container can have each. */
function fixedPorts({ published = [] }: ComposeService, proxy: Exclude<Proxy, 'managed'>): string[] {
  if (published.length === 0) return [];
  const way = ways[proxy?.kind ?? 'none'];
  return [
    `    # It publishes ${line(listed(published))} on the host, which two instances cannot have at once:`,
    `    # ${way}`,
  ];
}

const ways = {
  haproxy: 'take ports out of the Compose file, and let a frontend of the proxy listen there.',
  nginx: 'take ports out of the Compose file. Belay gives each instance a port, and tells nginx.',
  none: 'let a proxy that Belay runs take them over (proxies: { edge: { kind: haproxy, managed: true } }, and routes here).',
};

/** What two instances at once would harm, and what they may share. */
function volumes(service: ComposeService, speaker: Speaker): string[] {
  const { writableVolumes, sharedVolumes = [], replicas = 1 } = service;
  const causes = recreateCauses(service);
  const isState = writableVolumes.length > 0;
  if (isState && replicas > 1)
    return [
      `    # ${replicas} instances write to ${line(listed(writableVolumes))}, under Compose too. If that is not safe: instances: 1, strategy: { kind: recreate }`,
      '    shared_volumes: true',
      ...(causes.length > 0 ? [`    # ${line(causes.join('; '))}.`, recreate] : []),
    ];
  if (causes.length > 0) {
    const why = line(causes.join('; '));
    const first = isState || service.listens.length > 0 ? 'DOWNTIME' : 'ONE AT A TIME';
    const end = first === 'DOWNTIME' ? ', and the service is down meanwhile.' : '.';
    const full = `    # ${first}: ${why}, so the old version stops before the new one starts${end}`;
    return [
      speaker.say({ note: 'recreate', full, short: `    # ${first}: ${why}.` }),
      ...(isState ? offer(service, speaker) : []),
      recreate,
    ];
  }
  if (sharedVolumes.length === 0) return [];
  const why = line(sharedVolumes.map(({ volume, why }) => `${volume} (${why})`).join(', '));
  const full = `    # Two instances may use these at once, so that nothing is down: ${why}.
    # If that is not safe: strategy: { kind: recreate } in place of shared_volumes
    shared_volumes: true`;
  return [speaker.say({ note: 'shared', full, short: `    shared_volumes: true   # ${why}` })];
}

const recreate = '    strategy: { kind: recreate }';

/** State holds a failed release; a service that only has state may share it. */
function offer(service: ComposeService, speaker: Speaker): string[] {
  const isOnly = recreateCauses(service).length === 1 && kindOf(service).kind !== 'scheduler';
  const full = [
    '    # A failed release of it waits for you (on_failure: hold), and is not rolled back when another service fails.',
    ...(isOnly
      ? [
          '    # If two instances may write there at once: shared_volumes: true in place of strategy, and nothing is down.',
        ]
      : []),
  ].join('\n');
  return [speaker.say({ note: 'recreate', full, short: '' })].filter(Boolean);
}

function readiness(service: ComposeService, speaker: Speaker): string[] {
  const {
    listens: [first],
    healthcheck,
    hostNetwork,
  } = service;
  if (healthcheck && healthcheck.vacuous === undefined)
    return asked(service, healthcheck, speaker) ?? dockers(healthcheck, speaker, first);
  const vacuous = healthcheck
    ? [`    # Its HEALTHCHECK is vacuous: it cannot fail (${line(healthcheck.vacuous!)}), so it proves nothing.`]
    : [];
  if (!first || hostNetwork) {
    const full =
      '    # health: { ready: { http: /ready, port: 8080 } }   # without it, a running instance counts as ready';
    const alone = hostNetwork
      ? '    # Belay cannot ask ports in the network of the host: a HEALTHCHECK in the Compose file would be asked.'
      : full;
    return [...vacuous, ...[speaker.say({ note: 'running', full: alone, short: '' })].filter(Boolean)];
  }
  const full = `   # better: ${better(first)}, which sees more than an open port`;
  const advice = first.protocol === 'tcp' ? '' : speaker.say({ note: 'tcp', full, short: '' });
  return [...vacuous, `    health: { ready: { tcp: ${first.port} } }${advice}`];
}

/** A slow HEALTHCHECK that is a plain request, which Belay makes itself; undefined where it cannot. */
function asked(
  { listens, hostNetwork, offNetwork }: ComposeService,
  { first, asks, startPeriod = 0 }: FoundHealthcheck,
  speaker: Speaker,
): string[] | undefined {
  const isKnown = listens.some(({ port }) => port === asks?.port);
  if (first === undefined || !asks || !isKnown || hostNetwork || offNetwork) return undefined;
  const status = asks.exact ? '' : ', status: [2xx, 3xx]';
  const within = startPeriod > usualStart ? `, within: ${formatDuration(startPeriod + usualStart)}` : '';
  const full = `   # as its HEALTHCHECK asks, which Docker asks first after ${formatDuration(first)}; Belay asks the same each second`;
  const check = `{ http: ${scalar(asks.path)}, port: ${asks.port}${status}, headers: { host: ${scalar(asks.host)} }${within} }`;
  return [`    health: { ready: ${check} }${speaker.say({ note: 'asked', full, short: '' })}`];
}

/** A service that may take longer to start than this, in milliseconds, is given more time than usual. */
const usualStart = 30_000;

/** Docker's own HEALTHCHECK, with what to write instead of a slow one. */
function dockers({ within: time, first }: FoundHealthcheck, speaker: Speaker, port?: ListeningPort): string[] {
  const within = time === undefined ? '' : `, within: ${formatDuration(time)}`;
  const ready = `    health: { ready: { docker: true${within} } }`;
  if (first === undefined) {
    const words = within ? 'its first answer takes that long' : '';
    const full = `   # ${['the HEALTHCHECK of Compose or of the image', words].filter(Boolean).join('; ')}`;
    return [`${ready}${speaker.say({ note: 'docker', full, short: words && `   # ${words}` })}`];
  }
  const after = `Docker asks first after ${formatDuration(first)}`;
  const instead = port ? `${better(port)}, { tcp: ${port.port} } or, in the HEALTHCHECK,` : 'in the HEALTHCHECK,';
  const full = `    # ${after}, so each release waits so long for each instance. Quicker: ${instead} start_period and start_interval (Docker Engine 25).`;
  const short = `   # ${after}`;
  const said = speaker.say({ note: 'first', full, short });
  return said === short ? [`${ready}${short}`] : [said, ready];
}

/** A check for a port that is not proven to carry something else. */
const better = ({ port, protocol }: ListeningPort): string =>
  protocol === 'grpc' ? `{ grpc: ${port} }` : `{ http: /ready, port: ${port} }`;
