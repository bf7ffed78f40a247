import type Docker from 'dockerode';
import { askFor } from './errors';

/** Bytes of an output that the engine keeps, from its beginning. */
const mostKept = 4096;

/** As `Runtime.healthOutput`. */
export async function healthOutput(docker: Docker, name: string): Promise<string> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  const said = found?.State.Health?.Log?.at(-1)?.Output ?? '';
  // Masking would not see the part of a secret at the cut.
  return Buffer.byteLength(said) < mostKept ? said : said.slice(0, said.lastIndexOf('\n') + 1);
}
