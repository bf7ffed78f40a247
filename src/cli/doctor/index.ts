import { delimiter } from 'node:path';
import { belayHome } from '../../hosts/home';
import type { Context } from '../context';
import { findProject, needProject, readSpec, specFolders, type WhichPlatform } from '../project';
import { runningServe, useServed } from '../serve/state';
import { type Check, check } from './check';
import { nameOf } from './instances';

/** Runs every check, whatever another one finds. Changes nothing. */
export async function examine(context: Context, asked: WhichPlatform): Promise<Check[]> {
  useServed(context.env);
  const { options, folder } = await meant(context, asked);
  // Load them only here: together they take half a second.
  const { examineMachine } = require('./machine') as typeof import('./machine');
  const { examineBoot } = require('./boot') as typeof import('./boot');
  const { examineProject } = require('./project') as typeof import('./project');
  const { examineTemporal } = require('./temporal') as typeof import('./temporal');
  const home = belayHome(context.env);
  const { examineInstances } = require('./instances') as typeof import('./instances');
  const { examineRunning } = require('./running') as typeof import('./running');
  const { examineSchedules } = require('./schedules') as typeof import('./schedules');
  const all = await Promise.all([
    check('instances', () => examineInstances(context, options)),
    examineMachine({ env: context.env, folder: context.cwd, usesDocker: usesDocker(context, options) }),
    check('spec', () => examineProject({ folder: folder(), env: options.env, home, environment: context.env })),
    examineTemporal(context.env),
    check('release', () => examineRunning(context, options)),
    check('schedule', () => examineSchedules(context, options)),
    check('boot', () => examineBoot(context.env)),
    check('worker', () => examineWorkers(context, options, home)),
    check('engine', () => examineOtherEngines(context.env, home)),
  ]);
  return toldOnce(all.flat());
}

/** A host whose services all run under systemd needs no engine. Another check reports errors of the spec. */
function usesDocker(context: Context, options: WhichPlatform): boolean {
  const folder = findProject(context, options);
  if (folder === undefined) return true;
  const { dockerPart } = require('./systemd/services') as typeof import('./systemd/services');
  try {
    const { spec } = readSpec(folder, { env: options.env, environment: context.env });
    return Object.keys(dockerPart(spec).services).length > 0;
  } catch {
    return true;
  }
}

interface Meant {
  options: WhichPlatform;
  /**
   * Returns the project folder. Throws if there is none, and `platform-unknown` if no folder at hand has the platform.
   */
  folder(): string;
}

async function meant(context: Context, options: WhichPlatform): Promise<Meant> {
  const { platform, env, ...others } = options;
  if (platform === undefined) return { options, folder: () => needProject(context, options) };
  try {
    const found = await folderOf(context, options, platform);
    return { options: { ...others, file: found.folder, env: found.env }, folder: () => found.folder };
  } catch (error) {
    const refuse = () => {
      throw error;
    };
    return { options, folder: refuse };
  }
}

/** A named platform may be in this folder, in one of BELAY_SPECS, or in one that is served here. */
async function folderOf(context: Context, options: WhichPlatform, platform: string) {
  const { findFolder } = require('../../project/folders') as typeof import('../../project/folders');
  const lists = [findProject(context, options), specFolders(context, options), runningServe(context.env)?.specs];
  const places = lists.flatMap((one) => one?.split(delimiter) ?? []);
  return await findFolder([...new Set(places)], { platform, env: options.env });
}

/** Checks that need the engine fail with its own message: it is shown once, as is what two checks find. Pure. */
export function toldOnce(checks: Check[]): Check[] {
  const engine = checks.find(({ name, state }) => name === 'engine' && state === 'bad');
  const isFirst = ({ name, text }: Check, index: number) =>
    checks.findIndex((other) => other.name === name && other.text === text) === index;
  return checks.filter((one, index) => one === engine || (one.text !== engine?.text && isFirst(one, index)));
}

async function examineOtherEngines(env: NodeJS.ProcessEnv, home: string): Promise<Check[]> {
  const { ownWorkers } = require('./served') as typeof import('./served');
  const { examineEngines } = require('./engines') as typeof import('./engines');
  return await examineEngines(env, await ownWorkers(env, home));
}

/** Another check reports errors of the spec. */
async function examineWorkers(context: Context, options: WhichPlatform, home: string): Promise<Check[]> {
  const folder = findProject(context, options);
  const platform = nameOf(context, options);
  if (folder === undefined || platform === undefined) return [];
  const { examineServed } = require('./served') as typeof import('./served');
  return await examineServed({ env: context.env, home, folder, platform });
}
