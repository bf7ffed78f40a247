import { isContained, sourceOf } from '../../src/backups';
import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { thingText } from '../../src/model/backed-up';
import type { FoundBackup } from '../../src/model/desired';
import type { ObservedService } from '../../src/model/observed';
import { parseRestoreInput } from '../../src/model/parse-request';
import type { Plan } from '../../src/model/plan';
import type { RestoreInput } from '../../src/model/requests';
import { containerAmong } from '../../src/observe/backed-up';
import { observe } from '../../src/observe/observe';
import { refuseReleased, releasedNow } from '../../src/observe/released-now';
import { planRestore as planOf } from '../../src/plan/plan-restore';
import { findFolder } from '../../src/project/folders';
import { openProject } from '../../src/project/project';
import { desiredBackups } from '../../src/resolve/backups';
import { openSources } from '../../src/resolve/sources';
import { fenceOffEnded } from './fence-off';
import { withHeartbeat } from './heartbeat';
import { type Choice, choose } from './restore-act';
import { chosenThing, refuseStopped } from './restore-choice';
import { affectedBy, siteOfAll } from './restore-services';
import { forgetNotices, restoreNotices, undoNotices } from './restore-words';

/**
 * Plans the restore of a backup, or the way back from the last restore. Throws `input-invalid` where it was not
 * confirmed, and where there is nothing to restore or to undo.
 */
export const planRestore =
  (deps: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const input = parseRestoreInput(given);
      const written = openProject({ ...(await findFolder(deps.specs, input)), files: {} });
      const sources = await openSources(deps, { project: written });
      const { project } = sources;
      const { platform } = project.spec;
      refuseUnconfirmed(input, platform);
      const backup = chosenThing(desiredBackups(project), input, platform);
      const { owner, writers } = await affectedBy(deps, { project, sources }, backup);
      const names = [owner, ...writers].map(({ desired }) => desired.service);
      const warnings = input.dry_run ? await releasedNow(deps, { platform, services: names }) : [];
      if (!input.dry_run) {
        await fenceOffEnded(deps, { platform, services: names });
        await refuseReleased(deps, { platform, services: names });
      }
      const services = [owner, ...writers].map(({ desired }) => desired);
      const observed = await observe(deps, { platform, services, ...(await siteOfAll(deps, project, names)) });
      const found: FoundBackup = { ...backup, ...placeIn(observed.services[backup.service]!, backup) };
      if (found.container !== undefined && sourceOf(found.what, { ...deps, ...found }).restores === 'running')
        refuseStopped(found, observed.services[backup.service]!);
      const choice = await choose(deps, { input, platform, backup: found });
      return planOf({
        platform,
        observed,
        owner,
        writers,
        backup: found,
        ...choice,
        takeOver: input.take_over,
        notices: noticesOf(choice, { backup: found, writers: writersOf(choice, names), now: Date.now() }),
        warnings,
      });
    });

function refuseUnconfirmed({ confirm, dry_run }: RestoreInput, platform: string): void {
  if (dry_run || confirm === platform) return;
  const said = confirm === undefined ? 'was not confirmed' : `was confirmed for ${confirm}`;
  throw new BelayError('input-invalid', `the restore at ${platform} ${said}, so nothing was changed`, {
    hint: `look with belay restore --dry-run, then give the platform's name: "confirm": "${platform}"`,
  });
}

/** The container that has the data. */
function placeIn({ instances }: ObservedService, backup: FoundBackup): Pick<FoundBackup, 'container'> {
  if (!isContained(backup.what)) return {};
  const container = containerAmong(instances);
  if (container !== undefined) return { container };
  throw new BelayError('instance-lost', `${thingText(backup)} has no container on this host`, {
    hint: `start ${backup.service} first, with an empty volume if its data is lost; then restore`,
  });
}

const writersOf = ({ act, halts }: Choice, [owner = '', ...writers]: string[]): string[] =>
  act === 'forget' ? [] : [...(halts ? [owner] : []), ...writers];

function noticesOf(choice: Choice, seen: { backup: FoundBackup; writers: string[]; now: number }): string[] {
  if (choice.act === 'forget') return forgetNotices(choice.record!, seen);
  return choice.record
    ? undoNotices(choice.record, seen)
    : restoreNotices(choice.manifest!, { ...seen, until: choice.until, last: choice.last });
}
