import type Docker from 'dockerode';
import { askFor } from './errors';

/** As `Runtime.healthOutput`. */
export async function healthOutput(docker: Docker, name: string): Promise<string> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  return found?.State.Health?.Log?.at(-1)?.Output ?? '';
}
