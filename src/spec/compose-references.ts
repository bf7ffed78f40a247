import { type Document, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { documentsOf, followed, valuesAt } from './compose-documents';
import { folderOf, inFolder, isInside } from './file-name';

/** A file that a Compose file takes in, as it is written there. */
export interface Reference {
  kind: 'include' | 'extends';
  file: string;
}

/** The files that the text of a Compose file takes in by `include` and `extends`. What is no YAML takes in nothing. */
export const referencesIn = (text: string): Reference[] =>
  documentsOf(text)
    .flatMap(found)
    .map(({ kind, node }) => ({ kind, file: String(node.value) }));

/** The name in the project folder of a file that another one refers to. Compose files that are merged all go by the folder of the first one, as Compose does. */
export function referredTo(file: string, { from, compose }: { from: string; compose: string[] }): string {
  if (file.startsWith('/')) return inFolder(file);
  const names = compose.map(inFolder);
  return inFolder([folderOf(names.includes(from) ? names[0]! : from), file].filter(Boolean).join('/'));
}

/**
 * Texts of Compose files and of what they take in from the project folder, and what that takes in, by their names there.
 * What `read` has no text of is left out: Compose names it.
 */
export function takenIn(compose: string[], read: (name: string) => string | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  const names = compose.map(inFolder);
  for (const from of names) {
    const text = from in found ? undefined : read(from);
    if (text === undefined) continue;
    found[from] = text;
    names.push(
      ...referencesIn(text)
        .map(({ file }) => referredTo(file, { from, compose }))
        .filter(isInside),
    );
  }
  return found;
}

/** Where a file stands that is read in place of another, and from which folder its own paths go. */
export interface Redirect {
  path: string;
  folder: string;
}

/** The same Compose file, with other files taken in where `to` names one. */
export function redirected(text: string, to: (reference: Reference) => Redirect | undefined): string {
  const documents = documentsOf(text);
  let changed = false;
  for (const one of documents.flatMap(found)) {
    const target = to({ kind: one.kind, file: String(one.node.value) });
    if (!target) continue;
    changed = true;
    one.redirect(target);
  }
  return changed ? documents.join('') : text;
}

interface Found {
  kind: Reference['kind'];
  node: Scalar;
  redirect(to: Redirect): void;
}

function found(document: Document): Found[] {
  return document.errors.length > 0 ? [] : [...includes(document), ...extensions(document)];
}

/** `include: [a.yaml, { path: b.yaml }, { path: [c.yaml, d.yaml], project_directory: . }]` */
function includes(document: Document): Found[] {
  const list = document.get('include', true);
  if (!isSeq(list)) return [];
  return list.items.flatMap((item, index): Found[] => {
    if (isMap(item)) return longInclude(document, index);
    if (!isScalar(item)) return [];
    const redirect = ({ path, folder }: Redirect) =>
      document.setIn(['include', index], document.createNode({ path, project_directory: folder }));
    return [{ kind: 'include', node: item, redirect }];
  });
}

function longInclude(document: Document, index: number): Found[] {
  const at = ['include', index];
  const path = document.getIn([...at, 'path'], true) as Node | undefined;
  const scalars = isSeq(path) ? path.items : [path];
  return scalars.filter(isScalar).map((node) => ({
    kind: 'include' as const,
    node,
    redirect({ path, folder }) {
      node.value = path;
      if (!document.hasIn([...at, 'project_directory'])) document.setIn([...at, 'project_directory'], folder);
    },
  }));
}

/** `extends: { file: base.yaml, service: api }`, also where an alias or a merge brings it. */
function extensions(document: Document): Found[] {
  const nodes = valuesAt(document, ['extends']).map((value) =>
    followed(document, isMap(value) ? value.get('file', true) : undefined),
  );
  return [...new Set(nodes)].filter(isScalar).map((node) => {
    const redirect = ({ path }: Redirect) => {
      node.value = path;
    };
    return { kind: 'extends', node, redirect };
  });
}
