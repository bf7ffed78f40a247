import { BelayError } from '../../errors';
import { listed } from '../sentences';
import { kindOf } from './decision';
import type { AddressKeeper, Leader, ListeningPort } from './findings';
import { isStore, type PlainGet, type Traits } from './knowledge';
import { skipReason } from './left-out';
import { many, speaker } from './notes';
import { type InitProxy, proxyBlock } from './proxies';
import { route, serviceBlock } from './service';
import { line, scalar } from './text';
import { type UnitService, unitBlock, unitListens } from './units';

/** A service of the Compose file. */
export interface ComposeService {
  name: string;
  image?: string;
  /** Ports that clients connect to, published ports first. */
  listens: ListeningPort[];
  /** The image's name by Compose, which builds it, and whether it is on this host. */
  builds?: string;
  isBuilt?: boolean;
  /** True if nothing else can be released, so that a store is not left to Compose. */
  isAlone?: boolean;
  /** Words of the Compose file that tell what kind of service it is. */
  traits?: Omit<Traits, 'name' | 'image' | 'awaitedBy'>;
  /** Ports at which it may listen: nothing but a variable or EXPOSE names them. */
  maybe?: number[];
  healthcheck?: FoundHealthcheck;
  replicas?: number;
  /** State, as Compose writes volumes: `data:/var/lib/data`. */
  writableVolumes: string[];
  /** Writable mounts that two instances may use at once, and why. */
  sharedVolumes?: Array<{ volume: string; why: string }>;
  /** Fixed ports of the host. */
  published?: string[];
  /** Ports of the host over UDP. */
  udp?: string[];
  /** Services that wait for its successful exit, after which it is not started again. */
  awaitedBy?: string[];
  /** True if it depends on other services. */
  depends?: boolean;
  /** True if other services depend on it. */
  awaited?: boolean;
  /** True if it has no network of its own: the host's, another container's, or none. */
  offNetwork?: boolean;
  /** True if it has the host's network. */
  hostNetwork?: boolean;
  /** True in a file of many services, which says less about each. */
  isOneOfMany?: boolean;
  /** The reason why it and another service have to be replaced together. */
  shared?: string;
  /** The error of a spec that names the service. */
  refused?: string;
  /** Tools that send requests directly to its containers. */
  leaders?: Leader[];
  /** Services that look its name up once and keep the address. */
  keepers?: AddressKeeper[];
}

/** A HEALTHCHECK; times in milliseconds. */
export interface FoundHealthcheck {
  /** Its command, if it cannot fail. */
  vacuous?: string;
  /** Time until its first answers, if they take longer than usual. */
  within?: number;
  /** Time until Docker asks it first, if each release would wait long for it. */
  first?: number;
  /** Its request, if it makes no other than this one. */
  asks?: PlainGet;
  /** Time in which the service may still be starting. */
  startPeriod?: number;
}

export interface InitInput {
  /** The platform's name, or a folder's name to derive it from. */
  platform: string;
  /**
   * `file`: the file that Compose begins with; a list is taken literally. `inactive`: services whose profiles are not
   * active.
   */
  compose?: { file: string | string[]; services: ComposeService[]; inactive?: string[] };
  /** Services that systemd runs, and units that are left out, in place of a Compose file. */
  units?: FoundUnits;
  proxy?: InitProxy;
  /** The path of the JSON Schema for editors, from the file's folder. */
  schema?: string;
  /** The image of the only service, without a Compose file. */
  image?: string;
}

export interface FoundUnits {
  services: UnitService[];
  left: Array<{ unit: string; reason: string }>;
}

/**
 * The text of a first, commented `belay.yaml`, which `parseSpec` accepts. Services that are left to Compose appear as
 * comments with the reason.
 * @throws BelayError `input-invalid` if every service of the Compose file is left to Compose.
 */
export function initialSpec(input: InitInput): string {
  const platform = nameFrom(input.platform);
  const parts = [
    header(platform, { compose: input.compose?.file, schema: input.schema }),
    proxyBlock(input.proxy),
    services(input, platform),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function header(platform: string, { compose, schema }: { compose?: string | string[]; schema?: string }): string {
  return [
    ...(schema ? [`# yaml-language-server: $schema=${schema}`] : []),
    `platform: ${platform}`,
    ...(compose
      ? [`compose: ${filesIn(compose)}   # read as it is; this file adds how its services are released`]
      : []),
  ].join('\n');
}

function services({ compose, units, proxy, image }: InitInput, platform: string): string {
  if (units) return unitServices(units, proxy);
  if (!compose) return ['services:', ...imageBlock(platform, image)].join('\n');
  const all = withFallback(compose.services, compose.inactive).map((one) => ({
    ...one,
    isOneOfMany: compose.services.length >= many,
  }));
  const able = all.filter((one) => !skipReason(one));
  const left = all.filter((one) => skipReason(one));
  if (able.length === 0) throw nothingToRelease(compose, left);
  const order = compose.services.some(({ depends }) => depends)
    ? ['# Belay releases services in the order of depends_on in the Compose file.']
    : [];
  const intro = ['# Belay never touches Compose services that are not named here.', ...order];
  const spoken = speaker(all.length);
  const blocks = able.map((one) => serviceBlock(one, proxy, spoken));
  const reasons = left.map((one) => `  # ${line(one.name)} is left out: ${line(skipReason(one) ?? '')}`);
  if (left.length > 0) spoken.say({ note: 'left', full: '', short: '' });
  return [...intro, ...spoken.notes(), 'services:', ...blocks.flat(), ...reasons, ...profiled(compose)].join('\n');
}

type Composed = NonNullable<InitInput['compose']>;

const profiled = ({ inactive = [] }: Composed): string[] =>
  inactive.length === 0
    ? []
    : [
        `  # Not looked at, for their profiles are not active: ${line(inactive.join(', '))}.`,
        '  # To release one too: write its profile to COMPOSE_PROFILES in .env, then belay init again.',
      ];

/**
 * The services, with those that are else left to Compose where nothing else could be released: images that are not
 * built yet. Stores count where the project has nothing else, and are stopped before their new version starts.
 */
export function withFallback<Service extends ComposeService>(services: Service[], inactive: string[] = []): Service[] {
  const isAble = (all: Service[]) => all.some((one) => !skipReason(one));
  const built = services.map((one) => (one.builds ? { ...one, isBuilt: true } : one));
  const kinds = services.map((one) => kindOf(one).kind);
  const hasOthers = inactive.length > 0 || kinds.some((kind) => !isStore(kind) && kind !== 'one-shot');
  const alone = hasOthers ? [] : built.map((one) => ({ ...one, isAlone: true }));
  return [services, built, alone].find(isAble) ?? services;
}

const filesIn = (file: string | string[]): string =>
  typeof file === 'string' ? scalar(file) : `[${file.map(scalar).join(', ')}]`;

function unitServices({ services, left }: FoundUnits, proxy: InitInput['proxy']): string {
  const blocks = services.flatMap((one) => unitBlock(one, proxy === 'managed' ? [] : route(unitListens(one), proxy)));
  const reasons = left.map(({ unit, reason }) => `  # ${line(unit)} is left out: ${line(reason)}`);
  return ['# Belay never touches units that are not named here.', 'services:', ...blocks, ...reasons].join('\n');
}

function imageBlock(platform: string, image: string | undefined): string[] {
  const lines = image
    ? [`    image: ${scalar(image)}`]
    : ['    image: registry.example.com/app:1.0.0   # write your own'];
  return [`  ${platform}:`, ...lines, '    # instances: 2', '    # health: { ready: { http: /ready, port: 8080 } }'];
}

function nothingToRelease({ file, inactive = [] }: Composed, left: ComposeService[]): BelayError {
  const reasons =
    left.map((one) => `${one.name}: ${skipReason({ ...one, isOneOfMany: true })}`).join('; ') || 'it has none';
  const way =
    inactive.length > 0
      ? `to release ${listed(inactive)}, write a profile of theirs to COMPOSE_PROFILES in .env`
      : 'give a service an image';
  return new BelayError('input-invalid', `${[file].flat().join(', ')} has no service to release (${reasons})`, {
    hint: `${way}, and run belay init again; belay init --explain shows the evidence`,
  });
}

/** A valid name made from any text. */
function nameFrom(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return scalar(name || 'platform');
}
