import { runProgram } from '../../run-program';
import { composeImage } from '../../runtimes/docker/compose/facts';
import type { ComposeProject } from '../../runtimes/docker/compose/project';

/** The images that Compose builds without another name for them and that are on this host; none without an engine. */
export async function builtImages(project: ComposeProject, env: NodeJS.ProcessEnv): Promise<string[]> {
  const asked = Object.keys(project.services)
    .filter((name) => project.services[name]!.build !== undefined && !project.services[name]!.image)
    .map((name) => composeImage(project, name));
  const seen = asked.map(async (image) => {
    const args = ['image', 'inspect', '--format', '{{.Id}}', image];
    const { code } = await runProgram({ command: 'docker', args, env: { ...process.env, ...env }, timeout: 20_000 });
    return code === 0 ? [image] : [];
  });
  return (await Promise.all(seen)).flat();
}
