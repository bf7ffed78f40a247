import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertCarried, type CarriedUse } from '../src/compose/carried';
import { composeFromImage, readCompose } from '../src/compose/compose-config';
import { contentDigest, secretTexts } from '../src/compose/contents';
import { type ComposeFacts, composeFacts } from '../src/compose/facts';
import { environmentMarks, fingerprint } from '../src/compose/fingerprint';
import type { ComposeProject, ComposeService } from '../src/compose/project';
import { BelayError } from '../src/errors';
import { hmacKey } from '../src/hosts/machine';
import type { DesiredService } from '../src/spec/desired';
import type { PinnedImage } from '../src/spec/observed';
import { surgeCount, unavailableCount } from '../src/spec/rolling-counts';
import type { ServiceSpec } from '../src/spec/spec';
import type { Deps } from './deps';
import { dotenv, type Project } from './project';

const defaultGrace = 30_000;

/** The Compose project of a spec, with or without a Compose file; its values are masked from now on. */
export async function readProject({ masker }: Pick<Deps, 'masker'>, project: Project): Promise<ComposeProject> {
  const { folder, spec, files } = project;
  const written = await dotenv(folder);
  masker.add(written, publicText(project));
  masker.add(await interpolated(project, Object.keys(written)), publicText(project));
  const compose = spec.compose
    ? await readCompose({ folder, file: spec.compose, text: files[spec.compose] })
    : await composeFromImage({ folder, platform: spec.platform, services: imageServices(spec.services) });
  for (const name of Object.keys(spec.services))
    masker.add(composeFacts(compose, name).environment, publicText(project));
  masker.add(await secretTexts(compose, Object.keys(spec.services)), publicText(project));
  const uses = Object.entries(spec.services).map(([name, one]) => [name, useOf(one)]);
  assertCarried(compose, Object.fromEntries(uses));
  return compose;
}

function useOf({ image, routes, health, validate, strategy }: ServiceSpec): CarriedUse {
  const { ready } = health;
  return {
    hasImage: image !== undefined,
    routed: routes.length > 0,
    asked: ready?.http !== undefined || ready?.tcp !== undefined || validate.length > 0,
    together: (strategy.kind as string) !== 'recreate',
  };
}

/** The values that Compose puts in place of variables: of `.env`, and of those that the files name, from the worker's own environment. */
export async function interpolated(
  { folder, text, spec, files }: Project,
  known: string[],
): Promise<Record<string, string>> {
  const compose = spec.compose
    ? (files[spec.compose] ?? (await readFile(join(folder, spec.compose), 'utf8').catch(() => '')))
    : '';
  const named = [...`${text}\n${compose}`.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map((match) => match[1]!);
  const env = Object.fromEntries([...new Set([...known, ...named])].map((name) => [name, `\${${name}-}`]));
  const asked = await composeFromImage({ folder, platform: 'belay', services: { values: { image: 'none', env } } });
  return composeFacts(asked, 'values').environment;
}

/** What is no secret, because it is written where everyone who may see a release can read it. */
export function publicText({ spec, text, folder }: Project): string {
  return [
    text,
    folder,
    ...Object.keys(spec.services).map((name) => `${spec.platform}-${name}-r belay/${spec.platform}/${name}:r`),
  ].join('\n');
}

const imageServices = (services: Record<string, ServiceSpec>) =>
  Object.fromEntries(
    Object.entries(services).map(([name, { image, env, volumes }]) => [name, { image: image!, env, volumes }]),
  );

export interface Resolution {
  name: string;
  service: ServiceSpec;
  project: Project;
  compose: ComposeProject;
  image: PinnedImage;
  instances?: number;
}

/** The service with everything decided that the spec leaves open. */
export async function resolveService(
  deps: Pick<Deps, 'home'>,
  { name, service, project, compose, image, instances }: Resolution,
): Promise<DesiredService> {
  const facts = composeFacts(compose, name);
  refuseWritable(name, facts);
  const routes = service.routes
    .filter((route) => project.spec.proxies[route.proxy]?.kind !== 'none')
    .map(({ proxy, backend = name, port }) => ({ proxy, backend, port }));
  const count = instances ?? service.instances ?? facts.instances ?? 1;
  const strategy = rollingOf(name, service.strategy, count);
  const ready = service.health.ready && {
    ...service.health.ready,
    port: service.health.ready.port ?? service.routes[0]?.port,
  };
  const validate = service.validate.map((smoke) => ({ ...smoke, port: (smoke.port ?? service.routes[0]?.port)! }));
  const stop = {
    signal: service.stop.signal ?? facts.stop.signal,
    grace: service.stop.grace ?? facts.stop.grace ?? defaultGrace,
  };
  const used = [
    ...service.routes.map((route) => route.port),
    ready?.http ? ready.port : ready?.tcp,
    ...validate.map((smoke) => smoke.port),
  ];
  const ports = [...new Set(used.filter((port) => port !== undefined))].sort((a, b) => a - b);
  const key = await hmacKey(deps.home);
  return {
    service: name,
    project: compose.name,
    image,
    instances: count,
    fingerprint: fingerprint(
      {
        digest: image.digest,
        configHash: compose.hashes[name] ?? '',
        environment: facts.environment,
        content: await contentDigest(compose, name),
        ports,
        routes,
        stop,
      },
      key,
    ),
    environment: environmentMarks(facts.environment, key),
    ports,
    routes,
    strategy,
    ready,
    drain: service.drain,
    stop,
    keep: service.keep,
    on_failure: service.on_failure,
    validate,
    warnings: warnings({ name, service, image, stop, routed: routes.length > 0, compose }),
  };
}

/** Percentages as numbers; the number of instances may have come from Compose or from the release's input, so it is checked here again. */
function rollingOf(
  name: string,
  { surge, unavailable, pause_after }: ServiceSpec['strategy'],
  instances: number,
): DesiredService['strategy'] {
  const strategy = {
    kind: 'rolling' as const,
    surge: surgeCount(surge, instances),
    unavailable: unavailableCount(unavailable, instances),
    pause_after,
  };
  if (strategy.surge + strategy.unavailable === 0 || strategy.unavailable >= instances) {
    throw new BelayError(
      'spec-invalid',
      `services.${name}.strategy: surge ${surge} and unavailable ${unavailable} leave no way to replace ${instances} instances`,
      {
        hint: 'write surge: 1, or an unavailable between 1 and the number of instances less one',
      },
    );
  }
  return strategy;
}

function refuseWritable(name: string, { writable }: ComposeFacts): void {
  if (writable.length === 0) return;
  throw new BelayError(
    'spec-invalid',
    `services.${name}: writes to the volume at ${writable.join(', ')}, and a rolling release runs two instances on it at once`,
    {
      hint: 'mark the volume read-only (:ro), or leave the service to Compose; strategy recreate is not built yet',
    },
  );
}

interface Facts {
  service: ServiceSpec;
  image: PinnedImage;
  stop: { grace: number };
  name: string;
  routed: boolean;
  compose: ComposeProject;
}

/** Other services on one of its networks. */
function neighbours({ services }: ComposeProject, name: string): string[] {
  const own = Object.keys(services[name]?.networks ?? {});
  const shares = ([other, { networks = {} }]: [string, ComposeService]) =>
    other !== name && Object.keys(networks).some((network) => own.includes(network));
  return Object.entries(services)
    .filter(shares)
    .map(([other]) => other);
}

function warnings({ name, service, image, stop, routed, compose }: Facts): string[] {
  const floating = !image.ref.includes('@') && /(^|\/)[^:/]+(:latest)?$/.test(image.ref);
  return [
    floating &&
      `image ${image.ref} has a floating tag: the digest is pinned now, and the next release may find another`,
    image.local && `image ${image.ref} is only on this host: it cannot be pulled again`,
    !service.health.ready &&
      `has no health.ready: an instance counts as ready as soon as it ${routed ? 'accepts connections at the ports of its routes' : 'runs'}`,
    !routed && 'has no route through a proxy: it takes traffic from its start and cannot be drained',
    routed &&
      neighbours(compose, name).length > 0 &&
      `instances behind a proxy have no network alias: ${neighbours(compose, name).join(', ')} cannot reach it as ${name}, only through the proxy`,
    routed &&
      stop.grace < service.drain.deadline &&
      service.drain.at_deadline === 'proceed' &&
      'stop.grace is shorter than drain.deadline: what is in flight at the deadline has less time to end than it had to drain',
  ].filter((one) => one !== false);
}
