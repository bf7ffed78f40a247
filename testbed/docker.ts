import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Runs the docker command; gives its standard output, throws with its standard error. */
export async function docker(
  args: string[],
  { input = '', cwd }: { input?: string; cwd?: string } = {},
): Promise<string> {
  const env = { ...process.env, DOCKER_BUILDKIT: '0' };
  const child = spawn('docker', args, { cwd, env, stdio: 'pipe' });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error('docker is missing: run scripts/setup.sh', { cause })));
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined).end(input);
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  if (code === 0) return output.trim();
  throw new Error(`docker ${args.join(' ')} ended with ${code}: ${errors.trim()}${hint(errors)}`);
}

function hint(errors: string): string {
  return errors.includes('Cannot connect to the Docker daemon') ? ' (run scripts/setup.sh)' : '';
}
