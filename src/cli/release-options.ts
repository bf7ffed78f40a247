import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import { BelayError } from '../errors';
import type { ReleaseRequest } from '../model/requests';
import type { Context } from './context';
import { collectCounts, collectPairs, collectVariables } from './pairs';
import {
  basePlatform,
  filesOf,
  needProject,
  platformsOf,
  readSpec,
  type SpecPlace,
  type WhichPlatform,
  withPlatform,
} from './project';
import { shellOf } from './shell';

/** Options of releases, restarts and rollbacks. */
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

/** Adds the options that `plan` and `release` share. */
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

/** Adds the options of every verb that starts a workflow. */
export function withStarter(command: Command): Command {
  return withHostOfPlatform(withPlatform(withWho(command)))
    .option('--service <name...>', 'these services only')
    .option('--take-over', 'take services from an owner whose Temporal cannot be asked, or from a lost BELAY_HOME');
}

/** Several hosts may share one Temporal. */
export const withHostOfPlatform = (command: Command): Command =>
  command.option('--host <name>', 'the host of the platform, where several share this Temporal');

/** Adds options for the actor and the reason. */
export const withWho = (command: Command): Command =>
  command.option('--by <name>', 'who does this (default: you)').option('--reason <text>', 'why');

/** Returns the request of a release, from the options, the folder's files and the shell. */
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

/** A spec that is invalid here is most likely invalid at the worker too: report all its errors at once. */
export function checkSpec(context: Context, options: ReleaseOptions): void {
  if (options.platform !== undefined && !options.files && options.file === undefined) return;
  const folder = needProject(context, options);
  readSpec(folder, placeOf(context, options));
  refuseOtherPlatform(folder, options);
}

/** A worker would plan the named platform, whatever the file says. */
function refuseOtherPlatform(folder: string, { platform, file }: ReleaseOptions): void {
  const there = platformsOf(folder);
  if (platform === undefined || file === undefined || there.includes(platform)) return;
  throw new BelayError('input-invalid', `--file: ${folder} is of ${there.join(', ')}, and -p names ${platform}`, {
    hint: 'leave one of them out',
  });
}

const placeOf = (context: Context, { env }: ReleaseOptions): SpecPlace => ({ env, environment: context.env });

/** Returns the shared input of a release and of a rollback. */
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

/** Returns --by, else the user of this terminal. */
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
