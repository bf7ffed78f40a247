import { runProgram } from '../../../run-program';

/** The program behind `docker compose`. */
export interface ComposeProgram {
  command: string;
  /** Arguments before Compose's own. */
  args: string[];
  variables?: Record<string, string>;
}

const byDocker: ComposeProgram = { command: 'docker', args: ['compose'] };
/** Tells a plugin that it runs in Docker's place, and not as a command of its own. */
const asPlugin = { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker' };
const where = '{{range .ClientInfo.Plugins}}{{if eq .Name "compose"}}{{.Path}}{{end}}{{end}}';

const known = new Map<string, Promise<ComposeProgram>>();

/**
 * Compose's plugin, as Docker's command line would run it. Docker inspects every plugin at each run, which takes longer
 * than Compose itself, so Docker is asked once. Without an answer, Docker runs Compose.
 */
export function composeProgram(env: NodeJS.ProcessEnv): Promise<ComposeProgram> {
  const key = [env.PATH, env.DOCKER_CONFIG, env.HOME].join('\n');
  const found = known.get(key) ?? find(env);
  known.set(key, found);
  return found;
}

/** Forgets the program, which has moved. */
export const forgetComposeProgram = (): void => known.clear();

async function find(env: NodeJS.ProcessEnv): Promise<ComposeProgram> {
  const { output } = await runProgram({ command: 'docker', args: ['info', '--format', where], env, timeout: 20_000 });
  // The command fails without an engine, and Compose's place is still right.
  return fromPath(output.trim());
}

const fromPath = (path: string): ComposeProgram =>
  path.startsWith('/') ? { command: path, args: ['compose'], variables: asPlugin } : byDocker;
