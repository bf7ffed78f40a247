import type { Common, Context } from '../context';
import { needProject } from '../project';
import { useServed } from '../serve/state';
import { type Check, check } from './check';

/** Everything that is looked at, whatever else is wrong. Changes nothing. */
export async function examine(context: Context, options: Common): Promise<Check[]> {
  useServed(context.env);
  // Loaded only here: together they take half a second.
  const { examineMachine } = require('./machine') as typeof import('./machine');
  const { examineTemporal } = require('./temporal') as typeof import('./temporal');
  const [machine, project, temporal] = await Promise.all([
    examineMachine({ env: context.env, folder: context.cwd }),
    check('spec', () => examineFolder(context, options)),
    examineTemporal(context.env),
  ]);
  return [...machine, ...project, ...temporal];
}

/** All that follows from the spec; where it is wrong, only that. */
async function examineFolder(context: Context, options: Common): Promise<Check[]> {
  const { examineProject, examineSpec } = require('./project') as typeof import('./project');
  const { examineHaproxy } = require('./haproxy') as typeof import('./haproxy');
  const folder = needProject(context, options);
  const { spec, checks } = examineSpec(folder);
  if (!spec) return checks;
  const proxies = await Promise.all(
    Object.entries(spec.proxies).map(([name, proxy]) =>
      proxy.kind === 'haproxy' ? examineHaproxy({ name, proxy, spec }) : [],
    ),
  );
  return [...checks, ...(await examineProject({ folder, spec })), ...proxies.flat()];
}
