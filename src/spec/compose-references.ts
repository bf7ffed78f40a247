import { type Document, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { documentsOf, followed, valuesAt } from './compose-documents';
import { folderOf, inFolder, isInside } from './file-name';

/** A file that a Compose file refers to, as written there. */
export interface Reference {
  kind: 'include' | 'extends';
  file: string;
}

/** The files that a Compose file refers to by `include` and `extends`; none for invalid YAML. */
export const referencesIn = (text: string): Reference[] =>
  documentsOf(text)
    .flatMap(found)
    .map(({ kind, node }) => ({ kind, file: String(node.value) }));

/**
 * The name, in the project folder, of a file that another file refers to. Merged Compose files all resolve paths from
 * the first file's folder, as in Compose.
 */
export function referredTo(file: string, { from, compose }: { from: string; compose: string[] }): string {
  if (file.startsWith('/')) return inFolder(file);
  const names = compose.map(inFolder);
  return inFolder([folderOf(names.includes(from) ? names[0]! : from), file].filter(Boolean).join('/'));
}

/**
 * Texts of the Compose files and of all files they refer to in the project folder, by name. Files without a text are
 * left out, as Compose reports them.
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

/** The replacement of a file, and the folder of its own paths. */
export interface Redirect {
  path: string;
  folder: string;
}

/** The same Compose file, with references replaced as `to` says. */
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

interface FoundReference {
  kind: Reference['kind'];
  node: Scalar;
  redirect(to: Redirect): void;
}

function found(document: Document): FoundReference[] {
  return document.errors.length > 0 ? [] : [...includes(document), ...extensions(document)];
}

/** References in `include: [a.yaml, { path: b.yaml }, { path: [c.yaml, d.yaml], project_directory: . }]` */
function includes(document: Document): FoundReference[] {
  const list = document.get('include', true);
  if (!isSeq(list)) return [];
  return list.items.flatMap((item, index): FoundReference[] => {
    if (isMap(item)) return longInclude(document, index);
    if (!isScalar(item)) return [];
    const redirect = ({ path, folder }: Redirect) =>
      document.setIn(['include', index], document.createNode({ path, project_directory: folder }));
    return [{ kind: 'include', node: item, redirect }];
  });
}

function longInclude(document: Document, index: number): FoundReference[] {
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

/** References in `extends: { file: base.yaml, service: api }`, also through an alias or a merge. */
function extensions(document: Document): FoundReference[] {
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
