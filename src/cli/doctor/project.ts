import { join } from 'node:path';
import Docker from 'dockerode';
import { carriedProblems } from '../../compose/carried';
import { composeFromImage, readCompose } from '../../compose/compose-config';
import { composeFacts } from '../../compose/facts';
import type { ComposeProject } from '../../compose/project';
import { asBelayError } from '../../errors';
import { freeLoopbackPorts } from '../../hosts/ports';
import { dockerRuntime } from '../../runtimes/docker';
import { surgeCount } from '../../spec/rolling-counts';
import type { Spec } from '../../spec/spec';
import { readSpec } from '../project';
import { bad, type Check, check, ok, warn } from './check';

/** The spec, when it is right, and what was found. */
export function examineSpec(folder: string): { spec?: Spec; checks: Check[] } {
  try {
    const { spec } = readSpec(folder);
    return { spec, checks: [ok('spec', `${join(folder, 'belay.yaml')}: ${Object.keys(spec.services).join(', ')}`)] };
  } catch (error) {
    const lines = asBelayError(error).message.split('\n');
    return {
      checks: [
        bad(
          'spec',
          `${join(folder, 'belay.yaml')}: ${lines.length === 1 ? 'one thing is' : `${lines.length} things are`} wrong`,
          ...lines,
        ),
      ],
    };
  }
}

/** The Compose file, and whether the reserved ports suffice. */
export async function examineProject({ folder, spec }: { folder: string; spec: Spec }): Promise<Check[]> {
  let compose: ComposeProject | undefined;
  const file = spec.compose ?? 'belay.yaml';
  const carried = await check('compose file', async () => {
    compose = await readProject(folder, spec);
    return carriedOver(compose, spec);
  });
  const ports = await check('ports', () => reservedPorts(spec, compose));
  return [
    ...carried.map((one) => ({ ...one, text: one.state === 'bad' ? `${file}: ${one.text}` : one.text })),
    ...ports,
  ];
}

const readProject = (folder: string, { compose, platform, services }: Spec): Promise<ComposeProject> => {
  if (compose) return readCompose({ folder, file: compose });
  const images = Object.entries(services).map(([name, { image, env, volumes }]) => [
    name,
    { image: image ?? '', env, volumes },
  ]);
  return composeFromImage({ folder, platform, services: Object.fromEntries(images) });
};

function carriedOver(project: ComposeProject, { services }: Spec): Check[] {
  const uses = Object.entries(services).map(([name, one]) => [
    name,
    { hasImage: one.image !== undefined, routed: one.routes.length > 0 },
  ]);
  const problems = [...carriedProblems(project, Object.fromEntries(uses)), ...writable(project, services)];
  if (problems.length > 0) return [bad('compose file', 'not all of it can be carried over', ...problems)];
  const warnings =
    project.warnings.length > 0 ? [warn('compose file', 'Compose has something to say', ...project.warnings)] : [];
  return [ok('compose file', `${project.file}: carried over whole`), ...warnings];
}

/** Two instances at once would write to the same volume. */
function writable(project: ComposeProject, services: Spec['services']): string[] {
  return Object.keys(services).flatMap((name) =>
    composeFacts(project, name).writable.map(
      (path) =>
        `${project.file} services.${name}.volumes ${path}: is writable: mark it :ro, or leave the service to Compose`,
    ),
  );
}

/** A release launches up to surge instances beside those that run; one whose number grows needs more. */
async function reservedPorts({ hosts, services }: Spec, compose: ComposeProject | undefined): Promise<Check> {
  const { ports } = hosts.local;
  const published = new Set(
    await dockerRuntime({ docker: new Docker() })
      .publishedPorts()
      .catch(() => []),
  );
  const free = (await freeLoopbackPorts(ports)).filter((port) => !published.has(port));
  const needs = Object.entries(services).map(([name, service]) => {
    const count = service.instances ?? (compose && composeFacts(compose, name).instances) ?? 1;
    return (count + surgeCount(service.strategy.surge, count)) * portsEach(service);
  });
  const need = needs.reduce((sum, one) => sum + one, 0);
  const text = `${ports.first}-${ports.last}: ${free.length} of ${ports.last - ports.first + 1} free`;
  if (free.length >= need) return ok('ports', text);
  const todo = `widen hosts.local.ports in belay.yaml: a release of all services may need ${need}`;
  return free.length === 0 ? bad('ports', text, todo) : warn('ports', text, todo);
}

const portsEach = ({ routes, health, validate }: Spec['services'][string]): number =>
  new Set(
    [
      ...routes.map((one) => one.port),
      health.ready?.port,
      health.ready?.tcp,
      ...validate.map((one) => one.port),
    ].filter((port) => port !== undefined),
  ).size;
