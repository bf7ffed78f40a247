import type { Command } from 'commander';
import { withBelay, withFolderAdvice } from '../connect';
import { type Context, does } from '../context';
import { engineSaid } from '../engine';
import { attend } from '../follow-command';
import { checkSpec, type ReleaseOptions, releaseRequest, withReleaseOptions } from '../release-options';

export interface Attendance {
  wait?: boolean;
  untilHeld?: boolean;
  detach?: boolean;
}

/** Registers `belay release`: brings the hosts to the spec. */
export function registerRelease(program: Command, context: Context): void {
  const command = withAttendance(withReleaseOptions(program.command('release')))
    .description('bring the hosts to what belay.yaml asks for, and watch it happen')
    .option('--yes', 'accepted and ignored: a release never asks')
    .addHelpText('after', examples);
  does<ReleaseOptions & Attendance>(command, context, (options) => release(context, options));
}

/** Adds options for how long a command stays with the release. */
export function withAttendance(command: Command): Command {
  return withFollowing(command.option('--wait', 'stay to the end, through gates (default)'));
}

/** Adds the other ways to stay, and the output for programs. */
export function withFollowing(command: Command): Command {
  return command
    .option('--until-held', 'return with 4 as soon as the release waits for a person, or for a host without a worker')
    .option('--detach', 'return at once')
    .option('--json', 'one JSON object a line');
}

const examples = `
Examples:
  belay release                                       what the belay.yaml of this folder asks for
  belay release --version api=2.5.0 --reason "cart"   one service's image, for this release only
  belay release --set TAG=2                           a variable of the Compose files, for this release only
  belay release --files --json                        in CI, from a checkout
  belay release --env staging                         an environment that belay.yaml names
  belay release --detach                              start it, and come back with belay status --follow

Ctrl-C leaves the release to itself: it goes on, and the exit code is 0. A second Ctrl-C ends the command at once (130).
Exit codes: 0 released, 2 wrong input, 3 failed and rolled back, 4 held, 5 rejected or cancelled,
6 out of reach, 7 another release is running, 8 rolled back in part.`;

async function release(context: Context, options: ReleaseOptions & Attendance): Promise<number> {
  checkSpec(context, options);
  const [asked, engine] = await Promise.all([releaseRequest(context, options), engineSaid(context.env)]);
  const request = { ...asked, ...engine };
  return await withFolderAdvice(context, options, () =>
    withBelay(context, async (belay) =>
      attend(context, { start: () => belay.release(request), kind: 'release', ...options }),
    ),
  );
}
