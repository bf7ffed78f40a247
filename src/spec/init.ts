import { BelayError } from '../errors';
import { serviceBlock, skipReason } from './init-service';
import { line, scalar } from './init-text';

/** A service as Compose says it is. */
export interface ComposeService {
  name: string;
  image?: string;
  /** Container ports. */
  ports: number[];
  hasHealthcheck: boolean;
  replicas?: number;
  /** As Compose writes them: `data:/var/lib/data`. */
  writableVolumes: string[];
}

export interface InitInput {
  /** The name of the platform, or of a folder to make it from. */
  platform: string;
  compose?: { file: string; services: ComposeService[] };
  haproxy?: { config: string; socket: string; backends: string[] };
  /** Where an editor finds the JSON Schema, from the file's folder. */
  schema?: string;
  /** The image of the one service, where there is no Compose file. */
  image?: string;
}

/**
 * The text of a first, commented `belay.yaml`, which `parseSpec` accepts. Services that cannot be released yet stand in
 * it as comments that say why.
 * @throws BelayError `not-built` when that is so for every service of the Compose file.
 */
export function initialSpec(input: InitInput): string {
  const platform = nameFrom(input.platform);
  const parts = [
    header(platform, { compose: input.compose?.file, schema: input.schema }),
    proxies(input.haproxy),
    services(input, platform),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function header(platform: string, { compose, schema }: { compose?: string; schema?: string }): string {
  return [
    ...(schema ? [`# yaml-language-server: $schema=${schema}`] : []),
    `platform: ${platform}`,
    ...(compose ? [`compose: ${scalar(compose)}   # read as it is; this file adds how its services are released`] : []),
  ].join('\n');
}

function proxies(haproxy: InitInput['haproxy']): string {
  if (!haproxy)
    return '# No proxy: instances take traffic from their start. To drain them, add a HAProxy under proxies, and routes to services.';
  return [
    'proxies:',
    '  edge:',
    '    kind: haproxy',
    `    socket: ${scalar(haproxy.socket)}   # the runtime API, with level admin`,
    `    config: ${scalar(haproxy.config)}   # read, never written`,
  ].join('\n');
}

function services({ compose, haproxy, image }: InitInput, platform: string): string {
  const intro = compose ? ['# Compose services that are not named here are never touched.'] : [];
  if (!compose) return [...intro, 'services:', ...imageBlock(platform, image)].join('\n');
  const able = compose.services.filter((one) => !skipReason(one));
  const left = compose.services.filter((one) => skipReason(one));
  if (able.length === 0) throw nothingToRelease(compose.file, left);
  const context = { backends: haproxy?.backends };
  const reasons = left.map((one) => `  # ${line(one.name)} is left out: ${line(skipReason(one) ?? '')}`);
  return [...intro, 'services:', ...able.flatMap((one) => serviceBlock(one, context)), ...reasons].join('\n');
}

function imageBlock(platform: string, image: string | undefined): string[] {
  const lines = image
    ? [`    image: ${scalar(image)}`]
    : ['    image: registry.example.com/app:1.0.0   # write your own'];
  return [`  ${platform}:`, ...lines, '    # instances: 2', '    # health: { ready: { http: /ready, port: 8080 } }'];
}

function nothingToRelease(file: string, left: ComposeService[]): BelayError {
  const reasons = left.map((one) => `${one.name}: ${skipReason(one)}`).join('; ') || 'it has none';
  return new BelayError('not-built', `no service of ${file} can be released yet (${reasons})`, {
    hint: 'give a service an image, and read-only volumes, and run belay init again',
  });
}

/** A name as the schema wants it, from any text. */
function nameFrom(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return scalar(name || 'platform');
}
