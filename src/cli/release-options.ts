import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import type { ReleaseRequest } from '../model/requests';
import type { Context } from './context';
import { collectCounts, collectPairs, collectVariables } from './pairs';
import {
  basePlatform,
  filesOf,
  needProject,
  readSpec,
  type SpecPlace,
  type WhichPlatform,
  withPlatform,
} from './project';
import { shellOf } from './shell';

/** What the starts of releases, restarts and rollbacks have in common. */
export interface StarterOptions extends WhichPlatform {
  host?: string;
  service?: string[];
  takeOver?: boolean;
  by?: string;
  reason?: string;
  json?: boolean;
}

export interface ReleaseOptions extends StarterOptions {
  version?: Record<string, string>;
  instances?: Record<string, number>;
  ifRunning?: 'refuse' | 'queue' | 'replace';
  files?: boolean;
  set?: Record<string, string>;
}

/** Options by which `plan` and `release` say the same thing. */
export function withReleaseOptions(command: Command): Command {
  return withStarter(command)
    .option('--version <service=tag...>', 'image tags or digests, for this release only', collectPairs)
    .option('--instances <service=number...>', 'numbers of instances, for this release only', collectCounts)
    .option(
      '--set <NAME=value...>',
      'variables of the Compose files that are no secrets, for this release only',
      collectVariables,
    )
    .addOption(
      new Option('--if-running <what>', 'where another release has a service').choices(['refuse', 'queue', 'replace']),
    )
    .option('--files', "send this folder's belay.yaml and Compose files in place of the host's");
}

/** Options of whatever starts a workflow. */
export function withStarter(command: Command): Command {
  return withHostOfPlatform(withPlatform(withWho(command)))
    .option('--service <name...>', 'these services only')
    .option('--take-over', 'displace an owner of the services whose Temporal cannot be asked');
}

/** Where several hosts share one Temporal. */
export const withHostOfPlatform = (command: Command): Command =>
  command.option('--host <name>', 'the host of the platform, where several share this Temporal');

/** Who says it, and why. */
export const withWho = (command: Command): Command =>
  command.option('--by <name>', 'who does this (default: you)').option('--reason <text>', 'why');

/** The one object that starts a release, from what was said, the files of the folder and the shell. */
export async function releaseRequest(context: Context, options: ReleaseOptions): Promise<ReleaseRequest> {
  const shell = await shellOf(context, options);
  return {
    ...starter(context, options),
    ...(options.version && { versions: options.version }),
    ...(options.instances && { instances: options.instances }),
    ...(options.set && { set: options.set }),
    ...(shell && { shell }),
    ...(options.ifRunning && { when_running: options.ifRunning }),
    ...(options.files && { files: filesOf(needProject(context, options), placeOf(context, options)) }),
  };
}

/** A spec that is wrong here is wrong where the worker is too, most likely; said at once, all errors together. */
export function checkSpec(context: Context, options: ReleaseOptions): void {
  if (options.platform !== undefined && !options.files && options.file === undefined) return;
  readSpec(needProject(context, options), placeOf(context, options));
}

const placeOf = (context: Context, { env }: ReleaseOptions): SpecPlace => ({ env, environment: context.env });

/** What the inputs of a release and of a rollback have in common. */
export function starter(context: Context, options: StarterOptions) {
  const { service, takeOver, reason, env, host } = options;
  return {
    platform: basePlatform(context, options),
    ...(env !== undefined && { env }),
    ...(host !== undefined && { host }),
    ...(service && { services: service }),
    ...(takeOver && { take_over: true }),
    by: whoIs(context, options),
    ...(reason && { reason }),
  };
}

/** --by, else the user of this terminal. */
export function whoIs({ env }: Pick<Context, 'env'>, { by }: { by?: string }): string {
  return by ?? (env.USER || userName() || 'unknown');
}

/** A user id without a name, as in a container, is no error. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
