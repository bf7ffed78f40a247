import { runProgram } from '../src/run-program';

/** Runs the docker command. Returns its standard output, throws with its standard error. */
export async function docker(args: string[], { input, cwd }: { input?: string; cwd?: string } = {}): Promise<string> {
  const env = { ...process.env, DOCKER_BUILDKIT: '0' };
  const { code, output, why } = await runProgram({ command: 'docker', args, cwd, env, input, most: 64 * 1024 ** 2 });
  if (code === 0) return output.trim();
  if (code === 'ENOENT') throw new Error('docker is missing: run scripts/setup.sh');
  throw new Error(`docker ${args.join(' ')} ended with ${code}: ${why}${hint(why)}`);
}

function hint(errors: string): string {
  return errors.includes('Cannot connect to the Docker daemon') ? ' (run scripts/setup.sh)' : '';
}
