import { belayHome } from '../../hosts/home';
import type { Common, Context } from '../context';
import { needProject } from '../project';
import { useServed } from '../serve/state';
import { type Check, check } from './check';

/** Everything that is looked at, whatever else is wrong. Changes nothing. */
export async function examine(context: Context, options: Common & { env?: string }): Promise<Check[]> {
  useServed(context.env);
  // Loaded only here: together they take half a second.
  const { examineMachine } = require('./machine') as typeof import('./machine');
  const { examineBoot } = require('./boot') as typeof import('./boot');
  const { examineProject } = require('./project') as typeof import('./project');
  const { examineTemporal } = require('./temporal') as typeof import('./temporal');
  const home = belayHome(context.env);
  const all = await Promise.all([
    examineMachine({ env: context.env, folder: context.cwd }),
    check('spec', () => examineProject({ folder: needProject(context, options), env: options.env, home })),
    examineTemporal(context.env),
    check('boot', async () => examineBoot(context.env)),
  ]);
  return all.flat();
}
