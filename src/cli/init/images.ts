import type { HealthConfig } from 'dockerode';
import { runProgram } from '../../run-program';
import { composeImage } from '../../runtimes/docker/compose/facts';
import { engineTimes } from '../../runtimes/docker/compose/healthcheck';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import type { HealthTimes } from '../../spec/health-times';

/** An image on this host. */
export interface SeenImage {
  /** TCP ports by its EXPOSE. */
  ports: number[];
  /** Its own HEALTHCHECK; times in milliseconds. */
  healthcheck?: HealthTimes & { test: string[] };
}

/** Images by their names in the Compose file, or by Compose's name of what it builds. */
export type SeenImages = Record<string, SeenImage>;

/** The images of the project that are on this host; none without an engine. */
export async function seenImages(project: ComposeProject, env: NodeJS.ProcessEnv): Promise<SeenImages> {
  const names = [...new Set(Object.keys(project.services).map((service) => composeImage(project, service)))];
  const args = ['image', 'inspect', '--format', '{{json .}}', ...names];
  // The command fails if one of them is missing, and prints the others.
  const { output } = await runProgram({ command: 'docker', args, env, timeout: 20_000, most: 64 * 1024 ** 2 });
  const found = output.split('\n').flatMap(parsed);
  return Object.fromEntries(
    names.flatMap((name) => {
      const image = found.find(({ tags }) => tags.includes(fullName(name)));
      return image ? [[name, image.seen]] : [];
    }),
  );
}

/** The version of the engine's API; undefined without an engine. */
export async function engineApi(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const args = ['version', '--format', '{{.Server.APIVersion}}'];
  const { output } = await runProgram({ command: 'docker', args, env, timeout: 20_000 });
  return /^\d+\.\d+$/.exec(output.trim())?.[0];
}

interface Inspected {
  RepoTags?: string[];
  RepoDigests?: string[];
  Config?: {
    ExposedPorts?: Record<string, unknown>;
    Healthcheck?: HealthConfig;
  };
}

function parsed(line: string): Array<{ tags: string[]; seen: SeenImage }> {
  if (!line.startsWith('{')) return [];
  const { RepoTags, RepoDigests, Config = {} } = JSON.parse(line) as Inspected;
  const ports = Object.keys(Config.ExposedPorts ?? {}).filter((one) => one.endsWith('/tcp'));
  const { Test: test = [], ...times } = Config.Healthcheck ?? {};
  return [
    {
      tags: [...(RepoTags ?? []), ...(RepoDigests ?? [])],
      seen: {
        ports: ports.map((one) => Number.parseInt(one, 10)),
        ...(test[0]?.startsWith('CMD') && { healthcheck: { test, ...engineTimes(times) } }),
      },
    },
  ];
}

/** The name by which the engine lists an image. */
function fullName(image: string): string {
  const short = image.replace(/^docker\.io\//, '').replace(/^library\//, '');
  if (short.includes('@')) return short.replace(/:[^/:@]*@/, '@');
  return /:[^/]*$/.test(short) ? short : `${short}:latest`;
}
