import { resolve } from 'node:path';
import { hmacKey } from '../../hosts/machine';
import type { Masker } from '../../hosts/secrets';
import { dotenv, type Project } from '../../project/project';
import { filledIn } from '../../spec/dotenv';
import { isSystemd, type SystemdService } from '../../spec/spec';
import type { SourceFacts, SourceReader, Sources } from '../runtime';
import { isSingle, referenceOf, sourceOf } from './artifacts/reference';
import { type KnownService, known, usualStopTime } from './known';
import { problemsOf } from './problems';
import { secretsOf } from './secrets';
import { sharedOf } from './shared-parts';
import { strayWarnings } from './strays';
import type { SystemdTemplate } from './template';
import { unitStop } from './unit-stop';
import type { UnitFile } from './unit-texts';
import type { SystemdHost } from './units';
import { warningsOf } from './warnings';

export interface SourceWorld extends SystemdHost {
  masker: Masker;
}

/** Services of systemd: the spec and unit files describe them. */
export function unitSources(world: SourceWorld): SourceReader {
  return {
    async open({ project }) {
      const services = await Promise.all(
        Object.entries(project.spec.services).flatMap(([name, service]) =>
          isSystemd(service) ? [known(world, project, { name, service })] : [],
        ),
      );
      for (const one of services) world.masker.add(secretsOf(one), publicText(project));
      const usual = await usualStopTime(world);
      return openedSources({ world, project, usual }, new Map(services.map((one) => [one.name, one])));
    },
    again: (template, { revision }) => {
      const { files, ...rest } = template as SystemdTemplate;
      return { ...rest, ...(files && { files: { ...files, revision } }) };
    },
  };
}

const publicText = ({ spec, text, folder }: Project): string =>
  [text, folder, ...Object.keys(spec.services).map((name) => `${spec.platform}-${name}-r`)].join('\n');

interface Opened {
  world: SourceWorld;
  project: Project;
  /** The host's DefaultTimeoutStopSec, in milliseconds. */
  usual: number;
}

function openedSources({ world, project, usual }: Opened, services: Map<string, KnownService>): Sources {
  const of = (name: string) => services.get(name)!;
  const { platform } = project.spec;
  return {
    publicText: publicText(project),
    facts: (name) => factsOf({ project, usual }, of(name)),
    async told(name, { digest, ports, routes, stop }) {
      const { service, unit, unitText, file, dropIns, furtherDropIns, envFiles } = of(name);
      const texts = (files: UnitFile[]) => files.map(({ text }) => text);
      const key = await hmacKey(world.home);
      return {
        artifact: [digest, service.artifact?.install, service.artifact && rightsOf(service.artifact)],
        unit: [unit, unitText ?? texts([...(file ? [file] : []), ...dropIns]), ...texts(furtherDropIns)],
        env: service.env,
        'env files': envFiles.map(({ path, mark }) => [path, mark(key)]),
        credentials: service.credentials,
        settings: service.settings,
        ports,
        'stop policy': [stop.signal, stop.grace],
        routes: routes.map(({ proxy, backend, port }) => `${proxy}/${backend}:${port}`).sort(),
      };
    },
    async template(name, { identity: { revision }, artifact }) {
      const { service } = of(name);
      const sha256 = artifact.kind === 'file' ? artifact.sha256 : '';
      const create = templateOf(of(name), { platform, service: name, revision, sha256, project });
      const { user } = service;
      return {
        create,
        resources: { ...(user && { user }), ...(create.files && { installs: [create.files.install] }) },
        secrets: secretsOf(of(name)),
      };
    },
    shared: (names) => sharedOf(names.map(of)),
    async texts(texts) {
      const values = { ...dotenv(project), ...process.env, ...project.set };
      world.masker.add(dotenv(project), publicText(project));
      return texts.map((text) => filledIn(text, values));
    },
    neighbour: async () => undefined,
    warnings: async (names) => ({
      beside: [],
      said: [...warningsOf(names.map(of), usual), ...(await strayWarnings(world, platform, names.map(of)))],
    }),
  };
}

function factsOf({ project, usual }: Pick<Opened, 'project' | 'usual'>, one: KnownService): SourceFacts {
  const { service, envFiles, unit } = one;
  const ports = servicePorts(service);
  return {
    project: unit,
    artifact: referenceOf(
      service.artifact
        ? sourceOf(service.artifact, (path) => resolve(project.folder, path))
        : { form: 'none', place: unit },
    ),
    stop: unitStop(one.lines, usual),
    environment: Object.assign({}, service.env, ...envFiles.map(({ values }) => values)),
    writable: [],
    dependencies: [],
    leaders: [],
    neighbours: [],
    networks: {},
    published: () => ({}),
    hostPorts: service.ports ?? ports,
    problems: problemsOf(one, project),
    unseen: async () => [],
  };
}

/** A single unit listens where its routes and checks say. */
const servicePorts = ({ routes, health: { ready }, validate }: SystemdService): number[] => {
  const asked = [...routes, ...validate, { port: ready?.port ?? ready?.tcp ?? ready?.grpc }].map(({ port }) => port);
  return [...new Set(asked.filter((port) => port !== undefined))].sort((a, b) => a - b);
};

const rightsOf = ({ owner, group, mode }: NonNullable<SystemdService['artifact']>) => [owner, group, mode];

interface Revision {
  platform: string;
  service: string;
  revision: number;
  sha256: string;
  project: Project;
}

function templateOf(
  { service, unit, unitText, directives }: KnownService,
  { project, ...key }: Revision,
): SystemdTemplate {
  const { env = {}, artifact, strategy } = service;
  const source = artifact && sourceOf(artifact, (path) => resolve(project.folder, path));
  return {
    unit,
    directives,
    environment: env,
    ...(unitText !== undefined && { unitText }),
    ...(service.template !== undefined && { jobPort: service.ports![0]! }),
    ...(artifact && {
      files: {
        ...key,
        single: isSingle(source!),
        install: artifact.install,
        ...(artifact.owner !== undefined && { owner: artifact.owner }),
        ...(artifact.group !== undefined && { group: artifact.group }),
        ...(artifact.mode !== undefined && { mode: artifact.mode }),
      },
    }),
    ...(strategy.kind === 'in-place' && strategy.reload && { reload: true as const }),
  };
}
