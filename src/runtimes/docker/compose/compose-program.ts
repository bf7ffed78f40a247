import { runProgram } from '../../../run-program';

/** What is run for `docker compose`. */
export interface ComposeProgram {
  command: string;
  /** Before Compose's own arguments. */
  args: string[];
  variables?: Record<string, string>;
}

const byDocker: ComposeProgram = { command: 'docker', args: ['compose'] };
/** By it a plugin knows that it runs in Docker's place, and not as a command of its own. */
const asPlugin = { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker' };
const where = '{{range .ClientInfo.Plugins}}{{if eq .Name "compose"}}{{.Path}}{{end}}{{end}}';

const known = new Map<string, Promise<ComposeProgram>>();

/**
 * Compose's plugin as Docker's command line would run it. That looks at each plugin anew whenever it is run, for longer than
 * Compose itself takes; so it is asked once where Compose is. Where it cannot tell, it runs Compose itself.
 */
export function composeProgram(env: NodeJS.ProcessEnv): Promise<ComposeProgram> {
  const key = [env.PATH, env.DOCKER_CONFIG, env.HOME].join('\n');
  const found = known.get(key) ?? find(env);
  known.set(key, found);
  return found;
}

/** It is not where it was. */
export const forgetComposeProgram = (): void => known.clear();

async function find(env: NodeJS.ProcessEnv): Promise<ComposeProgram> {
  const { output } = await runProgram({ command: 'docker', args: ['info', '--format', where], env, timeout: 20_000 });
  // It fails where no engine answers, and Compose is still where it was.
  return fromPath(output.trim());
}

const fromPath = (path: string): ComposeProgram =>
  path.startsWith('/') ? { command: path, args: ['compose'], variables: asPlugin } : byDocker;
