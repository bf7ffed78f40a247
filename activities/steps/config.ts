import { join } from 'node:path';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import { hmacKey } from '../../src/hosts/machine';
import { type Restored, restoreReleased, writeReleased } from '../../src/hosts/released-config';
import type { ReadExample } from '../../src/migration/open';
import { migrated } from '../../src/migration/outcome';
import { openConfig } from '../../src/migration/pending';
import type { ConfigStep } from '../../src/model/plan';
import { openProject } from '../../src/project/project';
import { examplesOf } from '../../src/resolve/example';
import { markOf } from '../../src/runtimes/fingerprint';
import { type Turn, takeTurn } from './turn';

/** Configuration files are as the plan found that they are to be. A rollback puts the former ones back. */
export const config =
  (deps: Deps) =>
  (input: StepInput<ConfigStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { step, source } = input;
      const key = await hmacKey(deps.home);
      const change = {
        source: source!,
        folder: step.folder,
        at: new Date(step.at),
        markOf: (text: string) => markOf(text, key),
        inImage: examplesOf(deps, source!),
        turn,
      };
      const notes: string[] = [];
      for (const file of step.files) notes.push(...(await (step.restore ? restore : write)(change, file)));
      return notes.length > 0 ? { note: notes.join('; ') } : {};
    });

interface Change {
  source: NonNullable<StepInput['source']>;
  folder: string;
  at: Date;
  markOf(text: string): string;
  inImage: ReadExample;
  turn: Turn;
}

type File = ConfigStep['files'][number];

async function write({ source, at, markOf, turn, inImage }: Change, { file, mark }: File): Promise<string[]> {
  const open = await openConfig(openProject(source), file, inImage);
  const { before, asked, base, from } = open;
  // An earlier try, or a person, has written it.
  const isThere = before !== undefined && markOf(before) === mark;
  const { text } = isThere ? { text: before } : migrated(open, source.folder);
  if (markOf(text) !== mark) throw changed(file);
  const example = from.text;
  await turn.effect('config.write', () => writeReleased({ path: asked.path, base, at }, { before, text, example }));
  return [];
}

async function restore({ folder, at, markOf, turn }: Change, { file, mark }: File): Promise<string[]> {
  const path = join(folder, file);
  const isWritten = (text: string) => markOf(text) === mark;
  const end = await turn.effect('config.restore', () => restoreReleased({ path, base: `${path}.base`, at }, isWritten));
  return end === 'restored' ? [] : [`${file}: ${words[end]}`];
}

const words: Record<Exclude<Restored, 'restored'>, string> = {
  edited: 'somebody has changed it since, so it stays; the former one is beside it',
  lost: 'this release has no former one beside it, so it stays',
};

const changed = (file: string): BelayError =>
  new BelayError('config-changed', `${file} has changed since the plan was made`, {
    hint: 'start the release again: the new plan shows what has changed',
  });
