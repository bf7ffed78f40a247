import { shownDiff } from '../config/diff';
import { migrate } from '../config/migrate';
import { type ShownFinding, shownBy, shownFinding } from '../config/shown';
import { keepExample, readConfig, replaceConfig } from '../hosts/config-file';
import { shown } from '../project/files';
import type { OpenFile } from './open';

/** All that people see of one file's migration. */
export interface Outcome {
  file: string;
  from: string;
  was?: string;
  changes: boolean;
  /** True if a person has to decide first. */
  refused: boolean;
  findings: ShownFinding[];
  diff: string[];
  written?: true;
  /** The former file. */
  kept?: string;
  /** The example as the next migration will find it. */
  base?: string;
}

/** A file as it would be, beside what people see of it. */
export interface Migrated {
  open: OpenFile;
  text: string;
  outcome: Outcome;
}

export function migrated(open: OpenFile, cwd: string): Migrated {
  const { situation, before, from, was, asked } = open;
  const { findings, text } = migrate(situation);
  const isShown = shownBy(situation);
  const outcome: Outcome = {
    file: asked.name,
    from: shown(from.path, cwd),
    ...(was && { was: shown(was.path, cwd) }),
    changes: text !== (before ?? ''),
    refused: findings.some(({ action }) => action === 'decide'),
    findings: findings.map((one) => shownFinding(one, isShown)),
    diff: shownDiff(situation, text),
  };
  return { open, text, outcome };
}

/** Writes the file, and keeps the example for the next time. */
export async function written({ open, text, outcome }: Migrated, { cwd, now }: { cwd: string; now: Date }) {
  const { before, asked, base, from } = open;
  const { path } = asked;
  const kept = outcome.changes ? await replaceConfig({ path, before, text, now }) : undefined;
  const isNew = text !== '' && (await readConfig(base)) !== from.text;
  if (isNew) await keepExample({ path: base, text: from.text, file: path });
  return {
    ...outcome,
    ...(outcome.changes && { written: true as const }),
    ...(kept !== undefined && { kept: shown(kept, cwd) }),
    ...(isNew && { base: shown(base, cwd) }),
  };
}
