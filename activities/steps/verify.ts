import { isContained, listBackups, type Manifest, sweepScratches, verifyBackup } from '../../src/backups';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import { thingText } from '../../src/model/backed-up';
import type { VerifyStep } from '../../src/model/plan';
import { sizeText, span } from '../../src/model/quantities';
import { refuseMissing } from '../../src/observe/backed-up';
import { aloneWith, placeOf, progressOf } from './backup-place';
import { type Turn, takeTurn } from './turn';

/**
 * Restores the backup into a scratch instance, asks it, and notes the answer in the backup's manifest. The scratch
 * instance is gone afterwards, also one that a killed worker left.
 */
export const verify =
  (deps: Deps) =>
  (input: StepInput<VerifyStep>): Promise<StepResult> =>
    takeTurn(deps, input, (turn) =>
      aloneWith(deps, turn, input.step.backup.service, async () => {
        const manifest = await chosenOf(input, turn);
        if (!manifest) return { note: 'no backup was made, so there is none to verify' };
        refuseMissing(input.step.backup);
        const { verified } = await turn.effect('backup.verify', () => ask(deps, input, { turn, manifest }));
        const { rows, seconds } = verified!;
        const text = `${manifest.id}: ${rows} ${rows === 1 ? 'row' : 'rows'}`;
        return { note: `${text}, ${sizeText(manifest.bytes.stored)} in ${span(seconds * 1000)}` };
      }),
    );

/** Returns the chosen backup, else the newest one that this workflow has made. */
async function chosenOf({ step, platform }: StepInput<VerifyStep>, turn: Turn): Promise<Manifest | undefined> {
  const { store, key } = placeOf(platform, step.backup);
  const { backups } = await listBackups(store, key, turn.signal);
  const { chosen } = step;
  if (chosen === undefined) return backups.filter((one) => one.release === turn.token.owner.workflowId).at(-1);
  const found = backups.find(({ id }) => id === chosen);
  if (found) return found;
  throw new BelayError(
    'backup-damaged',
    `the backup ${chosen} of ${thingText(step.backup)} is no longer whole, or gone`,
    {
      hint: 'belay backup --list shows what there is',
    },
  );
}

async function ask(
  deps: Deps,
  { step, platform }: StepInput<VerifyStep>,
  { turn, manifest }: { turn: Turn; manifest: Manifest },
): Promise<Manifest> {
  const { service, what, place, container = '', verify } = step.backup;
  if (isContained(what)) await sweepScratches(deps.containers, `${platform}/${service}`);
  return await verifyBackup({
    containers: deps.containers,
    store: placeOf(platform, step.backup).store,
    manifest,
    backup: what,
    container,
    identity: place.identity,
    query: verify?.query,
    signal: turn.signal,
    onBytes: progressOf(turn),
  });
}
