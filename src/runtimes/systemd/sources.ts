import { resolve } from 'node:path';
import { hmacKey } from '../../hosts/machine';
import type { Masker } from '../../hosts/secrets';
import { reader } from '../../project/files';
import { dotenv, type Project } from '../../project/project';
import { filledIn } from '../../spec/dotenv';
import { isSystemd, type SystemdService } from '../../spec/spec';
import type { SourceFacts, SourceReader, Sources } from '../runtime';
import { isSingle, referenceOf, sourceOf } from './artifacts/reference';
import { directivesOf } from './drop-in';
import { type EnvFile, readEnvFiles } from './env-files';
import { problemsOf } from './problems';
import { strayWarnings } from './strays';
import type { SystemdTemplate } from './template';
import type { UnitState } from './unit-state';
import { unitStop } from './unit-stop';
import { unitTexts } from './unit-texts';
import { type SystemdHost, showUnit, showUnits, unitsOf } from './units';
import { warningsOf } from './warnings';

export interface SourceWorld extends SystemdHost {
  masker: Masker;
}

/** All that is known of a service before its release. */
export interface KnownService {
  name: string;
  service: SystemdService;
  /** The unit or the template. */
  unit: string;
  /** The text of the unit file in the project folder; undefined where the host has the unit. */
  unitText?: string;
  /** The unit, or an instance of the template. */
  state: UnitState;
  /** Units whose events start it. */
  triggers: UnitState[];
  envFiles: EnvFile[];
  /** Digests of the host's own texts of the unit. */
  texts: string[];
  /** Names of units of the template that run. */
  running: string[];
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
      const text = publicText(project);
      for (const { envFiles } of services) for (const { values } of envFiles) world.masker.add(values, text);
      return openedSources(world, project, new Map(services.map((one) => [one.name, one])));
    },
    again: (template, { revision }) => {
      const { files, ...rest } = template as SystemdTemplate;
      return { ...rest, ...(files && { files: { ...files, revision } }) };
    },
  };
}

const publicText = ({ spec, text, folder }: Project): string =>
  [text, folder, ...Object.keys(spec.services).map((name) => `${spec.platform}-${name}-r`)].join('\n');

async function known(
  world: SourceWorld,
  project: Project,
  { name, service }: { name: string; service: SystemdService },
): Promise<KnownService> {
  const unit = service.unit ?? service.template!;
  const example = unit.replace('@.', `@${service.ports?.[0] ?? 0}.`);
  const state = await showUnit(world, example);
  const unitText = service.unit_file === undefined ? undefined : reader(project)(service.unit_file);
  return {
    name,
    service,
    unit,
    ...(unitText !== undefined && { unitText }),
    state,
    triggers: await showUnits(world, state.triggers),
    envFiles: await readEnvFiles(service.env_files ?? []),
    texts: await unitTexts(state),
    running: service.template === undefined ? [] : await unitsOf(world, unit),
  };
}

function openedSources(world: SourceWorld, project: Project, services: Map<string, KnownService>): Sources {
  const of = (name: string) => services.get(name)!;
  const { platform } = project.spec;
  return {
    publicText: publicText(project),
    facts: (name) => factsOf(project, of(name)),
    async told(name, { digest, ports, routes, stop }) {
      const { service, unit, unitText, texts, envFiles } = of(name);
      const key = await hmacKey(world.home);
      return {
        artifact: [digest, service.artifact?.install, service.artifact && rightsOf(service.artifact)],
        unit: [unit, unitText ?? texts],
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
      const { envFiles, service } = of(name);
      const sha256 = artifact.kind === 'file' ? artifact.sha256 : '';
      const create = templateOf(of(name), { platform, service: name, revision, sha256, project });
      const values = Object.assign({}, ...envFiles.map((one) => one.values)) as Record<string, string>;
      const { user } = service;
      return {
        create,
        resources: { ...(user && { user }) },
        secrets: values,
      };
    },
    shared: (names) => ({ units: names.map((name) => of(name).unit) }),
    async texts(texts) {
      const values = { ...dotenv(project), ...process.env, ...project.set };
      world.masker.add(dotenv(project), publicText(project));
      return texts.map((text) => filledIn(text, values));
    },
    neighbour: async () => undefined,
    warnings: async (names) => ({
      beside: [],
      said: [...(await warningsOf(names.map(of))), ...(await strayWarnings(world, platform, names.map(of)))],
    }),
  };
}

function factsOf(project: Project, one: KnownService): SourceFacts {
  const { service, envFiles, unit } = one;
  const ports = servicePorts(service);
  return {
    project: unit,
    artifact: referenceOf(
      service.artifact
        ? sourceOf(service.artifact, (path) => resolve(project.folder, path))
        : { form: 'none', place: unit },
    ),
    stop: unitStop(one),
    environment: Object.assign({}, ...envFiles.map(({ values }) => values), service.env),
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

function templateOf({ service, unit, unitText }: KnownService, { project, ...key }: Revision): SystemdTemplate {
  const { env = {}, env_files: envFiles, credentials, settings, stop, artifact, strategy } = service;
  const source = artifact && sourceOf(artifact, (path) => resolve(project.folder, path));
  return {
    unit,
    directives: directivesOf({ env, envFiles, credentials, settings, stop }),
    environment: env,
    ...(unitText !== undefined && { unitText }),
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
