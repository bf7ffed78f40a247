import { belayHome } from '../../hosts/home';
import type { Common, Context } from '../context';
import { findProject, needProject, type WhichPlatform } from '../project';
import { useServed } from '../serve/state';
import { type Check, check } from './check';
import { nameOf } from './instances';

/** Everything that is looked at, whatever else is wrong. Changes nothing. */
export async function examine(context: Context, options: Common & { env?: string }): Promise<Check[]> {
  useServed(context.env);
  // Loaded only here: together they take half a second.
  const { examineMachine } = require('./machine') as typeof import('./machine');
  const { examineBoot } = require('./boot') as typeof import('./boot');
  const { examineProject } = require('./project') as typeof import('./project');
  const { examineTemporal } = require('./temporal') as typeof import('./temporal');
  const home = belayHome(context.env);
  const { examineInstances } = require('./instances') as typeof import('./instances');
  const { examineRunning } = require('./running') as typeof import('./running');
  const all = await Promise.all([
    check('instances', () => examineInstances(context, options)),
    examineMachine({ env: context.env, folder: context.cwd }),
    check('spec', () =>
      examineProject({ folder: needProject(context, options), env: options.env, home, environment: context.env }),
    ),
    examineTemporal(context.env),
    check('release', () => examineRunning(context, options)),
    check('boot', () => examineBoot(context.env)),
    check('worker', () => examineWorkers(context, options, home)),
    check('engine', () => examineOtherEngines(context.env, home)),
  ]);
  return toldOnce(all.flat());
}

/** What needs the engine fails with the engine's own words. Pure. */
export function toldOnce(checks: Check[]): Check[] {
  const engine = checks.find(({ name, state }) => name === 'engine' && state === 'bad');
  return checks.filter((one) => one === engine || one.text !== engine?.text);
}

async function examineOtherEngines(env: NodeJS.ProcessEnv, home: string): Promise<Check[]> {
  const { ownWorkers } = require('./served') as typeof import('./served');
  const { examineEngines } = require('./engines') as typeof import('./engines');
  return await examineEngines(env, await ownWorkers(env, home));
}

/** What is wrong with the spec is told beside. */
async function examineWorkers(context: Context, options: WhichPlatform, home: string): Promise<Check[]> {
  const folder = findProject(context, options);
  const platform = nameOf(context, options);
  if (folder === undefined || platform === undefined) return [];
  const { examineServed } = require('./served') as typeof import('./served');
  return await examineServed({ env: context.env, home, folder, platform });
}
