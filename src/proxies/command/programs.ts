import { BelayError } from '../../errors';
import { isFolder, programFault } from '../../program-fault';
import type { Runner, Verb } from './run';

const verbs: Verb[] = ['observe', 'admit', 'drain', 'remove'];

/** Throws `proxy-refused` for a command that cannot be started, and for a missing folder. */
export async function refuseUnstartable({ spec, name }: Runner): Promise<void> {
  const { folder = process.cwd() } = spec;
  if (!(await isFolder(folder)))
    throw new BelayError('proxy-refused', `proxy ${name}: ${folder}, the folder of its commands, is not there`, {
      hint: `put the platform back, or write folder under proxies.${name}`,
    });
  for (const verb of verbs) {
    const program = spec[verb][0]!;
    const fault = await programFault(program, folder);
    if (fault)
      throw new BelayError('proxy-refused', `proxy ${name}: ${verb} cannot be started: ${program} ${fault}`, {
        hint: `correct proxies.${name}.${verb}, or the program; a path counts from ${folder}, a bare name is looked up on PATH`,
      });
  }
}
