import type { ConfigDocument } from './document';
import type { Finding } from './finding';
import type { Entry } from './format';

/** A change of a file, by key. */
export type Edit =
  | { kind: 'set'; key: string; value: unknown; like?: Example }
  | { kind: 'add'; key: string; value: unknown; like?: Example }
  | { kind: 'rename'; key: string; to: string }
  | { kind: 'remove'; key: string };

/** An entry of another file, to be written like it. */
export interface Example {
  document: ConfigDocument;
  entry: Entry;
}

/** A file as it will be: the changes so far, and what there is to say. */
export interface Draft {
  values: Map<string, unknown>;
  edits: Edit[];
  findings: Finding[];
  /** Keys that wait for a person's decision. */
  open: Set<string>;
}

export const draftOf = ({ keys }: ConfigDocument): Draft => ({
  values: new Map([...keys].map(([key, { value }]) => [key, value])),
  edits: [],
  findings: [],
  open: new Set(),
});

/** Adds a change. A value that is there already is no change. */
export function change({ values, edits }: Draft, edit: Edit): void {
  edits.push(edit);
  if (edit.kind === 'set' || edit.kind === 'add') values.set(edit.key, edit.value);
  if (edit.kind === 'rename') values.set(edit.to, values.get(edit.key));
  if (edit.kind === 'rename' || edit.kind === 'remove') values.delete(edit.key);
}

/** Adds a finding; `decide` leaves the key open. */
export function say({ findings, open }: Draft, finding: Finding): void {
  findings.push(finding);
  if (finding.action === 'decide') open.add(finding.key);
}
