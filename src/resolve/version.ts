import type { Artifact } from '../model/artifact';
import type { DesiredVersion } from '../model/desired';
import type { ServiceSpec } from '../spec/spec';
import { proxied } from './checks';

/** Returns where its instances tell their version; undefined if the image's tag names none. Pure. */
export function versionOf(service: ServiceSpec, artifact: Artifact): DesiredVersion | undefined {
  const asked = askedVersion(service);
  const version = tagIn(artifact);
  if (!asked || version === undefined) return undefined;
  const { http, json, header } = asked;
  const port = (asked.port ?? service.routes[0]?.port)!;
  return {
    http,
    port,
    told: { ...(json === undefined ? { header } : { json }), version },
    ...proxied(service.routes, port),
  };
}

/** Returns a warning if nothing can be held against the version that an instance tells. Pure. */
export const versionWarning = (service: ServiceSpec, artifact: Artifact): string | false =>
  askedVersion(service) !== undefined &&
  tagIn(artifact) === undefined &&
  'its version is not compared, as the tag of its image names none: write image: …:1.4.0, or release --version';

const askedVersion = (service: ServiceSpec) => ('version' in service ? service.version : undefined);

function tagIn(artifact: Artifact): string | undefined {
  if (artifact.kind === 'file') return undefined;
  const [, tag] = artifact.ref.replace(/@.*$/, '').split('/').at(-1)!.split(':');
  return tag === 'latest' ? undefined : tag;
}
